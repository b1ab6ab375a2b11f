/** `afterimage receptive-field`: what the places of a network's maps see of a picture. */
import type { Command } from "commander";
import type { ReceptiveFieldResult } from "../jobs/receptive-field.ts";
import { type ReceptiveFieldOptions, receptiveFieldOptions } from "../jobs/receptive-field-options.ts";
import { counted, formatCount } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { textTable } from "./table.ts";
import { visibleLine } from "./visible-text.ts";

const EXAMPLES = `
Examples:
  afterimage receptive-field resnet18
  afterimage receptive-field runs/mine --layer layer3 --effective --out field.png
  afterimage receptive-field encoder.onnx --json`;

export function receptiveFieldCommand(command: Command): void {
  addJob(command, { schema: receptiveFieldOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<ReceptiveFieldOptions>): Promise<void> {
  const { receptiveField } = await import("../jobs/receptive-field.ts");
  const result = await receptiveField(call.options);
  call.printNotes(result.notes);
  call.print(result, describe(result));
}

type Layer = ReceptiveFieldResult["layers"][number];

function describe({ layers, imageSize, effective, out, target }: ReceptiveFieldResult): string {
  const size = imageSize === null ? "" : `, pictures of ${imageSize} × ${imageSize}`;
  const head = ["layer", "result", "sees", "jump", "start", "padding", "branches", "whole picture since"];
  const rows = layers.map((layer) => [
    layer.layer,
    layer.shape === null ? "" : layer.shape.slice(1).join("×"),
    ...(layer.fields === null ? ["the whole", "", "", ""] : describeField(layer.fields)),
    branchesOf(layer),
    layer.whole.map((whole) => `${whole.layer} (${whole.operator})`).join(", "),
  ]);
  return [
    `${visibleLine(target)}${size}`,
    "",
    textTable([head, ...rows], { right: [3, 4, 5] }),
    ...(effective === null ? [] : ["", describeEffective(effective)]),
    ...(out === null ? [] : [visibleLine(out)]),
  ].join("\n");
}

function describeField(fields: NonNullable<Layer["fields"]>): string[] {
  const each = (of: (field: (typeof fields)[number]) => number) =>
    [...new Set(fields.map((field) => `${Number(of(field).toFixed(3))}`))].join("×");
  const sizes = fields.map(({ size }) => formatCount(size)).join("×");
  return [sizes, each(({ jump }) => jump), each(({ start }) => start), each(({ padding }) => padding)];
}

/** The heights of the fields of all branches, the largest first. */
function branchesOf({ branches }: Layer): string {
  if (branches.length < 2) return "";
  const sizes = [...new Set(branches.map(({ fields }) => fields.map(({ size }) => size).join("×")))];
  const short = sizes.map((size) => (isSquare(size) ? size.split("×")[0]! : size));
  const shown = short.length <= MOST_SHOWN ? short : [...short.slice(0, MOST_SHOWN - 2), "…", short.at(-1)!];
  return `${branches.length}: ${shown.join(", ")}`;
}

/** Sizes that a line has room for. */
const MOST_SHOWN = 6;

function isSquare(size: string): boolean {
  return new Set(size.split("×")).size === 1;
}

function describeEffective(effective: NonNullable<ReceptiveFieldResult["effective"]>): string {
  const { layer, place, map, pixels, side, gaussian } = effective;
  const [down, across] = gaussian.deviation.map((deviation) => deviation.toFixed(1));
  return [
    `effective field of ${layer} at place ${place.join(", ")} of ${map.join(" × ")}:`,
    `  95 % of the gradient in ${counted(pixels, "pixel")}, as many as a square of ${side.toFixed(1)}`,
    `  deviation of the Gaussian ${down} pixels down, ${across} across`,
  ].join("\n");
}

/** `afterimage inspect`: the contents of a run or an ONNX model. */
import type { Command } from "commander";
import type { EncoderFacts } from "../jobs/encoders/encoder-folder.ts";
import type { InspectResult } from "../jobs/inspect.ts";
import { type InspectOptions, inspectOptions } from "../jobs/inspect-options.ts";
import type { RunConfig } from "../train/run-config.ts";
import { counted, formatCount } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { preprocessingText } from "./preprocessing-text.ts";
import { textTable } from "./table.ts";
import { visibleLine } from "./visible-text.ts";

const EXAMPLES = `
Examples:
  afterimage inspect runs/mine
  afterimage inspect encoders/dinov2
  afterimage inspect encoder.onnx --json`;

export function inspectCommand(command: Command): void {
  addJob(command, { schema: inspectOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<InspectOptions>): Promise<void> {
  const { inspect } = await import("../jobs/inspect.ts");
  const result = await inspect(call.options.target);
  call.printNotes(result.notes);
  call.print(result, describe(result));
}

function describe(result: InspectResult): string {
  const { source, config, encoder, step, reconstructions, inputs, outputs, layers, parameters, operators } =
    result;
  const values = (list: InspectResult["inputs"]) =>
    list.map(({ name, shape }) => `${name} [${shape.join(", ")}]`);
  const rows = layers.map(({ path, shape, parameters }) => [
    path,
    `[${shape.join(", ")}]`,
    formatCount(parameters),
  ]);
  return [
    visibleLine(source),
    ...(config === undefined ? [] : [describeRun(config, step ?? 0)]),
    ...(encoder === undefined ? [] : describeEncoder(encoder)),
    ...(reconstructions === undefined ? [] : [`reconstructions: ${visibleLine(reconstructions)}`]),
    `inputs   ${values(inputs).join(", ")}`,
    `outputs  ${values(outputs).join(", ")}`,
    "",
    textTable([["layer", "shape", "parameters"], ...rows], { right: [2] }),
    "",
    counted(parameters, "parameter"),
    `operators: ${operators.map(([name, count]) => `${name} ${count}`).join(", ")}`,
  ].join("\n");
}

function describeRun(
  { method, backbone, data, epochs, batchSize, imageSize, seed }: RunConfig,
  step: number,
): string {
  const learned = `${method.name}, ${backbone.name}, ${imageSize} pixels, batches of ${batchSize}, ${counted(epochs, "epoch")}, seed ${seed}`;
  return `${learned}; after step ${formatCount(step)} on ${counted(data.pictures, "picture")} of ${visibleLine(data.path)}`;
}

function describeEncoder({ recognised, source, imageSize, preprocessing }: EncoderFacts): string[] {
  return [
    `${visibleLine(recognised)}; from ${visibleLine(source.path)}`,
    preprocessingText(imageSize, preprocessing),
  ];
}

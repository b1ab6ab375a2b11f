/** `afterimage backbones`: the list of backbones. */
import type { Command } from "commander";
import { formatCount } from "./format.ts";
import { type OutputOptions, printOutcome } from "./output.ts";
import { textTable } from "./table.ts";

interface BackboneRow {
  name: string;
  summary: string;
  paper: string;
  /** Features at the image size below. */
  features: number;
  parameters: number;
  settings: Readonly<Record<string, unknown>>;
}

const EXAMPLES = `
Examples:
  afterimage backbones
  afterimage pretrain ~/pictures --backbone resnet50 --width 0.5`;

export function backbonesCommand(command: Command): void {
  command.addHelpText("after", EXAMPLES).action(async (flags: OutputOptions) => {
    const { DEFAULT_IMAGE_SIZE: imageSize } = await import("../runs/configure/configure.ts");
    const backbones = await listBackbones(imageSize);
    printOutcome({ imageSize, backbones }, describe(backbones, imageSize), flags);
  });
}

async function listBackbones(imageSize: number): Promise<BackboneRow[]> {
  const { knownBackbones } = await import("../backbones/index.ts");
  const { Scope } = await import("../nn/scope.ts");
  const { Variables } = await import("../nn/variables.ts");
  const { input, sizeOf } = await import("../tensor/index.ts");
  return knownBackbones().map(({ name, summary, paper, make }) => {
    const { features, settings, build } = make({ imageSize });
    const variables = new Variables();
    build(
      new Scope(variables, "", { training: false, trainable: true }),
      input("pictures", [1, 3, imageSize, imageSize]),
    );
    const parameters = variables.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { name, summary, paper, features, parameters, settings };
  });
}

function describe(backbones: readonly BackboneRow[], imageSize: number): string {
  const rows = backbones.map(({ name, summary, paper, parameters, settings }) => [
    name,
    summary,
    formatCount(parameters),
    Object.entries(settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(", "),
    paper,
  ]);
  const head = ["name", "", "parameters", `defaults at ${imageSize} pixels`, "paper"];
  return textTable([head, ...rows], { right: [2] });
}

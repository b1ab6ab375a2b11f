/** `afterimage methods`: what there is to learn by. */
import type { Command } from "commander";
import type { Situation, TrainingDefaults } from "../methods/method.ts";
import { formatCount } from "./format.ts";
import { type OutputOptions, printOutcome } from "./output.ts";
import { textTable } from "./table.ts";

interface MethodEntry {
  name: string;
  title: string;
  idea: string;
  paper: { title: string; authors: string; year: number; arxiv: string };
  backbone: string;
  situation: Situation;
  settings: { key: string; default: unknown; meaning?: string }[];
  training: TrainingDefaults;
}

const EXAMPLES = `
Examples:
  afterimage methods
  afterimage pretrain ~/pictures --method simclr --set temperature=0.1`;

export function methodsCommand(command: Command): void {
  command.addHelpText("after", EXAMPLES).action(async (flags: OutputOptions) => {
    const methods = await listMethods();
    const text = [...methods.map(describe), describeSituation(methods[0]!.situation)].join("\n\n");
    printOutcome({ methods }, text, flags);
  });
}

async function listMethods(): Promise<MethodEntry[]> {
  const { exampleSituation } = await import("./situation.ts");
  const { METHODS } = await import("../methods/index.ts");
  const { toJSONSchema } = await import("zod");
  return METHODS.map((method) => {
    const { name, title, idea, paper, backbone } = method;
    const situation = exampleSituation(method);
    const defaults = method.defaults(situation);
    const { properties = {} } = toJSONSchema(method.settings, { unrepresentable: "any" });
    const meaningOf = (key: string) => (properties[key] as { description?: string } | undefined)?.description;
    const settings = Object.entries(defaults).map(([key, value]) => {
      const meaning = meaningOf(key);
      return { key, default: value as unknown, ...(meaning === undefined ? {} : { meaning }) };
    });
    return {
      ...{ name, title, idea, paper, backbone, situation, settings },
      training: method.training(defaults, situation),
    };
  });
}

function describe({ name, title, idea, paper, backbone, settings, training }: MethodEntry): string {
  return [
    `${name} (${title}): ${idea}`,
    `  ${paper.authors} ${paper.year}. ${paper.title}. arXiv ${paper.arxiv}`,
    `  backbone unless one is chosen: ${backbone}`,
    textTable(
      [
        ...settings.map(({ key, default: value, meaning = "" }) => [key, show(value), meaning]),
        ...Object.entries(training).map(([key, value]) => [`training.${key}`, show(value), ""]),
      ],
      { indent: "    " },
    ),
  ].join("\n");
}

function show(value: unknown): string {
  if (typeof value === "number") return `${Number(value.toPrecision(4))}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function describeSituation({ pictures, imageSize, batchSize, epochs }: Situation): string {
  const defaults = `Defaults for ${formatCount(pictures)} pictures at ${imageSize} pixels, batches of ${batchSize}, ${epochs} epochs;`;
  return `${defaults}\nthey follow your pictures and choices. Change one by --set, as in --set temperature=0.1.`;
}

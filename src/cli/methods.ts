/** `afterimage methods`: what there is to learn by. */
import type { Command } from "commander";
import type { z } from "zod";
import type { Situation } from "../methods/method.ts";
import { formatCount } from "./format.ts";
import { type OutputOptions, printOutcome } from "./output.ts";
import { textTable } from "./table.ts";

interface SettingEntry {
  key: string;
  default: unknown;
  meaning?: string;
}

interface MethodEntry {
  name: string;
  title: string;
  idea: string;
  paper: { title: string; authors: string; year: number; arxiv: string };
  backbone: string;
  situation: Situation;
  settings: SettingEntry[];
  training: SettingEntry[];
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
  const { completeTraining } = await import("../jobs/configure.ts");
  const { trainingConfigSchema } = await import("../train/run-config.ts");
  const { toJSONSchema } = await import("zod");
  const entries = (schema: z.ZodType, defaults: object): SettingEntry[] => {
    const { properties = {} } = toJSONSchema(schema, { unrepresentable: "any" });
    return Object.entries(defaults).map(([key, value]) => {
      const meaning = (properties[key] as { description?: string } | undefined)?.description;
      return { key, default: value as unknown, ...(meaning === undefined ? {} : { meaning }) };
    });
  };
  return METHODS.map((method) => {
    const { name, title, idea, paper, backbone } = method;
    const situation = exampleSituation(method);
    const defaults = method.defaults(situation);
    return {
      ...{ name, title, idea, paper, backbone, situation },
      settings: entries(method.settings, defaults),
      training: entries(trainingConfigSchema, completeTraining(method.training(defaults, situation))),
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
        ...training.map(({ key, default: value, meaning = "" }) => [`training.${key}`, show(value), meaning]),
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

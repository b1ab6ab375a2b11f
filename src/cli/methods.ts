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
  settings: { key: string; default: unknown; meaning?: string }[];
  training: TrainingDefaults;
}

export function methodsCommand(command: Command): void {
  command.action(async (flags: OutputOptions) => {
    const { EXAMPLE_SITUATION } = await import("./situation.ts");
    const methods = await listMethods(EXAMPLE_SITUATION);
    const text = [...methods.map(describe), describeSituation(EXAMPLE_SITUATION)].join("\n\n");
    printOutcome({ situation: EXAMPLE_SITUATION, methods }, text, flags);
  });
}

async function listMethods(situation: Situation): Promise<MethodEntry[]> {
  const { METHODS } = await import("../methods/index.ts");
  const { toJSONSchema } = await import("zod");
  return METHODS.map((method) => {
    const { name, title, idea, paper } = method;
    const defaults = method.defaults(situation);
    const { properties = {} } = toJSONSchema(method.settings, { unrepresentable: "any" });
    const meaningOf = (key: string) => (properties[key] as { description?: string } | undefined)?.description;
    const settings = Object.entries(defaults).map(([key, value]) => {
      const meaning = meaningOf(key);
      return { key, default: value as unknown, ...(meaning === undefined ? {} : { meaning }) };
    });
    return { name, title, idea, paper, settings, training: method.training(defaults, situation) };
  });
}

function describe({ name, title, idea, paper, settings, training }: MethodEntry): string {
  return [
    `${name} (${title}): ${idea}`,
    `  ${paper.authors} ${paper.year}. ${paper.title}. arXiv ${paper.arxiv}`,
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

function describeSituation({ pictures, imageSize, batchSize, epochs, family }: Situation): string {
  const defaults = `Defaults for ${formatCount(pictures)} pictures at ${imageSize} pixels, batches of ${batchSize}, ${epochs} epochs, family ${family};`;
  return `${defaults}\nthey follow your pictures and choices. Change one by --set, as in --set temperature=0.1.`;
}

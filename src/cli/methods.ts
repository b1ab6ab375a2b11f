/** `afterimage methods`: the list of methods. */
import type { Command } from "commander";
import type * as z from "zod";
import type { Recommendation } from "../methods/recommendations.ts";
import type { Situation } from "../objectives/situation.ts";
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
  /** The default backbone, and all backbones that the method can train. */
  backbone: string;
  backbones: string[];
  situation: Situation;
  settings: SettingEntry[];
  training: SettingEntry[];
}

const EXAMPLES = `
Examples:
  afterimage methods
  afterimage methods simclr moco-v2
  afterimage pretrain ~/pictures --method simclr --set temperature=0.1`;

export function methodsCommand(command: Command): void {
  command
    .argument("[names...]", "methods to describe in full, with all settings")
    .addHelpText("after", EXAMPLES)
    .action(async (names: string[], flags: OutputOptions) => {
      const methods = await listMethods(names);
      const said = methods.map(names.length === 0 ? introduce : describe);
      const isList = names.length === 0;
      const ending = describeSituation(methods[0]!.situation, isList);
      const { RECOMMENDATIONS: recommended } = await import("../methods/recommendations.ts");
      const beginning = isList ? [recommend(recommended)] : [];
      const result = isList ? { recommended, methods } : { methods };
      printOutcome(result, [...beginning, ...said, ending].join("\n\n"), flags);
    });
}

/** @param names of the methods to list; all if empty. */
async function listMethods(names: readonly string[]): Promise<MethodEntry[]> {
  const { exampleSituation } = await import("./situation.ts");
  const { knownBackbones } = await import("../backbones/index.ts");
  const { findMethod, METHODS } = await import("../methods/index.ts");
  const { completeTraining } = await import("../runs/configure/configure.ts");
  const { trainingConfigSchema } = await import("../train/run-config.ts");
  const { toJSONSchema } = await import("zod");
  const entries = (schema: z.ZodType, defaults: object): SettingEntry[] => {
    const { properties = {} } = toJSONSchema(schema, { unrepresentable: "any" });
    return Object.entries(defaults).map(([key, value]) => {
      const meaning = (properties[key] as { description?: string } | undefined)?.description;
      return { key, default: value as unknown, ...(meaning === undefined ? {} : { meaning }) };
    });
  };
  for (const name of names) findMethod(name);
  const asked = names.length === 0 ? METHODS : names.map((own) => METHODS.find(({ name }) => name === own)!);
  return asked.map((method) => {
    const { name, title, idea, paper, backbone, family } = method;
    const fitting = knownBackbones().filter((entry) => family === undefined || entry.family === family);
    const situation = exampleSituation(method);
    const defaults = method.defaults(situation);
    return {
      ...{ name, title, idea, paper, backbone, situation },
      backbones: fitting.map((entry) => entry.name),
      settings: entries(method.settings, defaults),
      training: entries(trainingConfigSchema, completeTraining(method.training(defaults, situation))),
    };
  });
}

function recommend(recommended: readonly Recommendation[]): string {
  const rows = recommended.map(({ method, when }) => [method, when]);
  return ["Recommended:", textTable(rows, { indent: "  " })].join("\n");
}

/** A method in a few lines. */
function introduce(entry: MethodEntry): string {
  const defaults = entry.settings.map(({ key, default: value }) => `${key} ${show(value)}`).join(", ");
  return [...heading(entry), ...wrapped(`settings: ${defaults}`, "  ")].join("\n");
}

/** A method with all its settings. */
function describe(entry: MethodEntry): string {
  const rows = [
    ...entry.settings.map(({ key, default: value, meaning = "" }) => [key, show(value), meaning]),
    ...entry.training.map(({ key, default: value, meaning = "" }) => [
      `training.${key}`,
      show(value),
      meaning,
    ]),
  ];
  return [...heading(entry), textTable(rows, { indent: "    " })].join("\n");
}

function heading({ name, title, idea, paper, backbone, backbones }: MethodEntry): string[] {
  return [
    `${name} (${title}): ${idea}`,
    `  ${paper.authors} ${paper.year}. ${paper.title}. arXiv ${paper.arxiv}`,
    `  backbones: ${[backbone, ...backbones.filter((other) => other !== backbone)].join(", ")}`,
  ];
}

const WIDTH = 110;

/** Text in lines of a width; all lines after the first are indented further. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${lines.length === 0 ? indent : `${indent}  `}${word}`);
  }
  return lines;
}

function show(value: unknown): string {
  if (typeof value === "number") return `${Number(value.toPrecision(4))}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function describeSituation({ pictures, imageSize, batchSize, epochs }: Situation, brief: boolean): string {
  const defaults = `These are the defaults for ${formatCount(pictures)} pictures at ${imageSize} pixels, in batches of ${batchSize} for ${epochs} epochs.`;
  const more = brief
    ? "\nafterimage methods <name> explains the settings. docs/methods.md describes each method."
    : "";
  return `${defaults}\nThey depend on your pictures and options. --set changes one, as in --set temperature=0.1.${more}`;
}

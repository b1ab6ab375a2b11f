/** A result file of one model on one vocabulary: whole or not there. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { AfterimageError } from "afterimage";
import { writeFileWhole } from "afterimage/train/node";
import { z } from "zod";

const resultSchema = z.object({
  version: z.literal(1),
  /** V, the rows of the tables, and how many of them are words of the text. */
  vocabulary: z.number(),
  known: z.number(),
  way: z.string(),
  seed: z.number(),
  command: z.string(),
  date: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.number(), system: z.string(), node: z.string() }),
  versions: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.unknown()),
  text: z.object({ training: z.number(), test: z.number(), unknown: z.number() }),
  /** Of one thread: of the wall clock, and of the processor, which other programs do not lengthen. */
  seconds: z.object({ wall: z.number(), processor: z.number() }),
  steps: z.number().nullable(),
  /** The mean loss of the last epoch. */
  loss: z.number().nullable(),
  perplexity: z.number(),
  /** Of ½ p + ½ p of the modified Kneser–Ney model. */
  mixed: z.number().nullable(),
  /** The mean of log Z over the test's contexts, and its deviation. */
  logNormalizer: z.object({ mean: z.number(), deviation: z.number() }).nullable(),
  /** Of negative sampling: the perplexity of the softmax of its bare scores. */
  bare: z.number().nullable(),
});

export type TextResult = z.infer<typeof resultSchema>;

export interface TextRun {
  vocabulary: number;
  way: string;
  seed: number;
}

const fileOf = (folder: string, { vocabulary, way, seed }: TextRun) =>
  path.join(folder, `${vocabulary}-${way}-${seed}.json`);

export function hasTextResult(folder: string, run: TextRun): boolean {
  return existsSync(fileOf(folder, run));
}

export async function writeTextResult(folder: string, result: Omit<TextResult, "version">): Promise<void> {
  await writeFileWhole(fileOf(folder, result), `${JSON.stringify({ version: 1, ...result }, null, 2)}\n`);
}

/** @throws AfterimageError `data/format` for a file that is no such result. */
export async function readTextResults(folder: string): Promise<TextResult[]> {
  if (!existsSync(folder)) return [];
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(files.map((file) => readOne(path.join(folder, file))));
}

async function readOne(file: string): Promise<TextResult> {
  const found = resultSchema.safeParse(parseJson(await readFile(file, "utf8")));
  if (found.success) return found.data;
  throw new AfterimageError("data/format", {
    what: "this is not the result of a run on text",
    where: `${file}, ${found.error.issues[0]!.path.join(".") || "top level"}`,
    got: found.error.issues[0]!.message,
    todo: "Remove the file, and its run is done again.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A result file of one run, or of a method's refusal of the pictures. The file is complete or absent. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { AfterimageError } from "afterimage";
import { writeFileWhole } from "afterimage/train/node";
import { z } from "zod";
import { GROUPS } from "./contestant.ts";

const VERSION = 1;

const recalls = z.object({ at1: z.number(), at5: z.number() });

const look = z.object({
  epoch: z.number(),
  loss: z.number(),
  knn: z.object({ accuracy: z.number() }).nullable(),
  health: z.object({ deviation: z.number(), idealDeviation: z.number(), rankMe: z.number() }).nullable(),
  warning: z.string().nullable(),
  spread: z.record(z.string(), z.number()).optional(),
});

const resultSchema = z.object({
  version: z.literal(VERSION),
  set: z.string(),
  setTitle: z.string(),
  protocol: z.string(),
  pictures: z.object({ train: z.number(), test: z.number() }),
  name: z.string(),
  title: z.string(),
  group: z.enum(GROUPS),
  of: z.string().nullable(),
  family: z.enum(["resnet", "vit"]).nullable(),
  seed: z.number(),
  command: z.string(),
  date: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.number(), system: z.string(), node: z.string() }),
  threads: z.number(),
  versions: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.unknown()),
  minutesAsked: z.number(),
  training: z
    .object({
      minutes: z.number(),
      epochs: z.number(),
      picturesPerSecond: z.number(),
      collapsedLoss: z.number().nullable(),
      leastSpread: z.record(z.string(), z.number()).optional(),
      course: z.array(look),
    })
    .nullable(),
  figures: z.object({
    knn: z.number(),
    linear: z.number(),
    linearRate: z.number(),
    rankMe: z.number(),
    deviation: z.number(),
    idealDeviation: z.number(),
    /**
     * Absent in files from before these tasks; null if the set does not tell which pictures show the same
     * thing.
     */
    copies: recalls.optional(),
    artists: recalls.nullable().optional(),
    classifier: z.number().nullable(),
  }),
});

/** The file of a method that refused the set's pictures, with the reason. */
const refusalSchema = resultSchema
  .pick({ version: true, set: true, name: true, title: true, group: true, seed: true, date: true })
  .extend({ refused: z.string() });

export type Result = z.infer<typeof resultSchema>;
export type Refusal = z.infer<typeof refusalSchema>;

export interface Results {
  results: readonly Result[];
  refusals: readonly Refusal[];
}

export interface RunName {
  set: string;
  name: string;
  seed: number;
  /** Minutes of training that were asked for. */
  minutes: number;
}

/** Minutes of training in the tables in which every method has a row. */
export const USUAL_MINUTES = 4;

/** A run of other minutes has its own file, beside that of the usual minutes. */
export function resultFile(folder: string, { set, name, seed, minutes }: RunName): string {
  const longer = minutes === USUAL_MINUTES ? "" : `-${minutes}-minutes`;
  return path.join(folder, set, `${name}-${seed}${longer}.json`);
}

export function hasResult(folder: string, run: RunName): boolean {
  return existsSync(resultFile(folder, run));
}

export async function writeResult(
  folder: string,
  result: Omit<Result, "version"> | Omit<Refusal, "version">,
  minutes: number,
): Promise<void> {
  await writeFileWhole(
    resultFile(folder, { ...result, minutes }),
    `${JSON.stringify({ version: VERSION, ...result }, null, 2)}\n`,
  );
}

/**
 * All files of a folder, in their order.
 *
 * @throws AfterimageError `data/format` for a file that is neither a result nor a refusal.
 */
export async function readResults(folder: string): Promise<Results> {
  if (!existsSync(folder)) return { results: [], refusals: [] };
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".json")).sort();
  const read = await Promise.all(files.map((file) => readResult(path.join(folder, file))));
  return {
    results: read.filter((one) => "figures" in one),
    refusals: read.filter((one) => "refused" in one),
  };
}

async function readResult(file: string): Promise<Result | Refusal> {
  const content = parseJson(await readFile(file, "utf8"));
  const refusal = refusalSchema.safeParse(content);
  if (refusal.success) return refusal.data;
  const found = resultSchema.safeParse(content);
  if (found.success) return found.data;
  const issue = found.error.issues[0]!;
  throw new AfterimageError("data/format", {
    what: "this is not the result of a quality run",
    where: `${file}, ${issue.path.join(".") || "top level"}`,
    got: issue.message,
    todo: "Remove the file to repeat its run.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

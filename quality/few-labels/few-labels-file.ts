/** The result files of few labels: one for each set and seed. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { writeFileWhole } from "afterimage/train/node";
import { z } from "zod";

const headline = z.object({ measure: z.string(), value: z.number(), standardError: z.number() });
const scores = z.object({ fineTuned: headline, scratch: headline, linear: headline, knn: headline });
const row = z.object({
  amount: z.string(),
  pictures: z.number(),
  epochs: z.number(),
  seconds: z.number(),
  scores,
});

const fileSchema = z.object({
  set: z.string(),
  title: z.string(),
  seed: z.number(),
  command: z.string(),
  date: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.number(), system: z.string(), node: z.string() }),
  threads: z.number(),
  encoder: z.object({ method: z.string(), epochs: z.number() }),
  tested: z.number(),
  rows: z.array(row),
});

export type FewLabelsFile = z.infer<typeof fileSchema>;

export function fileOf(folder: string, { set, seed }: Pick<FewLabelsFile, "set" | "seed">): string {
  return path.join(folder, `${set}-${seed}.json`);
}

export async function writeFewLabels(folder: string, file: FewLabelsFile): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileWhole(fileOf(folder, file), `${JSON.stringify(file, null, 2)}\n`);
}

/** All result files, by set and seed. A file that is something else is an error with its name. */
export async function readFewLabels(folder: string): Promise<FewLabelsFile[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const texts = names.map((name) => readFile(path.join(folder, name), "utf8"));
  return (await Promise.all(texts)).map((text) => fileSchema.parse(JSON.parse(text)));
}

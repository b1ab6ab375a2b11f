/** The file of results: every critic that was trained, and what it was trained with. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { AfterimageError } from "afterimage";
import { writeFileWhole } from "afterimage/train/node";
import { z } from "zod";
import { machine } from "../../bench/machine.ts";
import type { BoundSettings } from "./train-bound.ts";

const moments = { mean: z.number(), deviation: z.number() };

const estimateSchema = z.object({
  bound: z.enum(["donsker-varadhan", "info-nce", "jensen-shannon"]),
  information: z.number(),
  batch: z.number(),
  seed: z.number(),
  ...moments,
  asDonskerVaradhan: z.object(moments),
});

const fileSchema = z.object({
  command: z.string(),
  date: z.string(),
  machine: z.object({ cpu: z.string(), cores: z.number(), system: z.string(), node: z.string() }),
  settings: z.record(z.string(), z.number()),
  estimates: z.array(estimateSchema),
});

export type BoundEstimate = z.infer<typeof estimateSchema>;
export type BoundsFile = z.infer<typeof fileSchema>;

/** A file without estimates yet. */
export function newBoundsFile(settings: BoundSettings): BoundsFile {
  const { cpu, cores, system, node } = machine();
  return {
    command: "npm run quality -- --bounds",
    date: new Date().toISOString().slice(0, 10),
    machine: { cpu, cores, system, node },
    settings: { ...settings },
    estimates: [],
  };
}

/** Null if there is no such file. @throws AfterimageError `data/format` for a file that is something else. */
export async function readBounds(file: string): Promise<BoundsFile | null> {
  if (!existsSync(file)) return null;
  const found = fileSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (found.success) return found.data;
  throw new AfterimageError("data/format", {
    what: "these are no estimates of mutual information",
    where: file,
    got: found.error.issues[0]!.message,
    todo: "Remove the file, and the critics are trained again.",
  });
}

export function writeBounds(file: string, content: BoundsFile): Promise<void> {
  return writeFileWhole(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** Students of a tiny teacher, in a folder that is new for every file of tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type DistillOptions, distill } from "../../src/jobs/distill.ts";
import { writeTinyClassifier } from "./tiny-classifier.ts";
import { tinyPictures } from "./tiny-run.ts";

/** The folder of the file's tests, with a teacher in `teacher`. */
export let folder: string;

export const pictures = tinyPictures(48);
export const names = ["red", "green", "blue"];

/** A file of tests calls this once. The teacher has seen pictures of other names. */
export function useTeacher(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "afterimage-distill-"));
    const known = { ...tinyPictures(48), names: pictures.names.map((name) => `other-${name}`) };
    await writeTinyClassifier(join(folder, "teacher"), {
      task: { kind: "classes", names },
      answers: { kind: "classes", classes: pictures.labels! },
      pictures: known,
    });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));
}

/** A student for three epochs of four steps, in the run folder `out`. */
export const options = (out: string, more: Partial<DistillOptions> = {}): DistillOptions => ({
  ...{ run: join(folder, "teacher"), pictures, out: join(folder, out), threads: 1 },
  ...{ backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16 }, batchSize: 8, epochs: 3 },
  ...more,
});

/** Distils and stops after this many steps, as a signal would. */
export async function interruptedAfter(steps: number, asked: DistillOptions) {
  const stop = new AbortController();
  return distill({
    ...asked,
    signal: stop.signal,
    onProgress: (event) => void (event.type === "step" && event.step === steps && stop.abort()),
  });
}

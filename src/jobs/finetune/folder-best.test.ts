import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FolderBest } from "./folder-best.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-best-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const best = (step: number) => ({
  step,
  values: new Map([
    ["classifier.bias", Float32Array.of(step, 0.1)],
    ["classifier.weight", Float32Array.of(1, 2, 3)],
  ]),
});

it("gives back what was written last, also in another process", async () => {
  const path = join(folder, "best.safetensors");
  expect(await new FolderBest(path).read()).toBeNull();
  await new FolderBest(path).write(best(3));
  await new FolderBest(path).write(best(9));
  expect(await new FolderBest(path).read()).toEqual(best(9));
});

it("has none in a damaged file", async () => {
  const path = join(folder, "best.safetensors");
  await new FolderBest(path).write(best(3));
  await writeFile(path, (await readFile(path)).subarray(0, 40));
  expect(await new FolderBest(path).read()).toBeNull();
});

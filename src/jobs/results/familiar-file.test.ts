import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runPaths } from "../../train/node/run-folder.ts";
import { readFamiliar, writeFamiliar } from "./familiar-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-familiar-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const features = { rows: 2, cols: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) };

test("features come back with their threshold and step", async () => {
  expect(await readFamiliar(folder, 3)).toBeNull();
  await writeFamiliar(folder, 12, { features, threshold: 0.1 + 0.2 });
  expect(await readFamiliar(folder, 3)).toEqual({ features, threshold: 0.1 + 0.2, step: 12 });
});

test("features of another network and damaged files are refused by their path", async () => {
  await writeFamiliar(folder, 12, { features, threshold: 0.25 });
  const { familiar } = runPaths(folder);
  await expect(readFamiliar(folder, 4)).rejects.toMatchObject({
    code: "train/run-folder",
    message: expect.stringContaining(familiar),
  });
  await writeFile(familiar, (await readFile(familiar)).subarray(0, 100));
  await expect(readFamiliar(folder, 3)).rejects.toThrow(/cannot be read.*Remove the file/);
});

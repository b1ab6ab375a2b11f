/** The same seed, pictures, settings and threads give the same bits, whatever the load of the machine. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPictures } from "../src/data/node/open-pictures.ts";
import { type PretrainOptions, pretrain } from "../src/jobs/pretrain.ts";
import { makePictures } from "./cli/support.ts";
import { TINY_DINO } from "./support/tiny-run.ts";

let folder: string;
let pictures: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-determinism-"));
  pictures = await makePictures(join(folder, "pictures"), { size: 24 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A ResNet with channels and batches that fill blocks, and a ViT with drop-path. */
const RUNS: [string, Partial<PretrainOptions>][] = [
  ["SimCLR on a ResNet", { backboneOptions: { widthMultiplier: 0.25 }, batchSize: 16 }],
  ["DINO on a ViT", { ...TINY_DINO, backboneOptions: { patch: 8, dropPath: 0.2 }, batchSize: 8 }],
];

let count = 0;

/** Trains for an epoch, and hashes the last checkpoint: every weight, slot and state. */
async function hashOf(choices: Partial<PretrainOptions>, source = pictures): Promise<string> {
  const out = join(folder, `run-${count++}`);
  const common = { imageSize: 16, epochs: 1, seed: 4, threads: 2, monitorEvery: 0 };
  await pretrain({ pictures: source, cacheDir: join(out, "cache"), out, ...common, ...choices });
  const name = (await readdir(join(out, "checkpoints"))).sort().at(-1)!;
  const bytes = await readFile(join(out, "checkpoints", name));
  return createHash("sha256").update(bytes).digest("hex");
}

/** Keeps every core busy while `use` runs. */
async function underLoad<T>(use: () => Promise<T>): Promise<T> {
  const busy = [0, 1].map(() => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  try {
    return await use();
  } finally {
    for (const child of busy) child.kill("SIGKILL");
  }
}

describe.each(RUNS)("%s", (_, choices) => {
  it("has the same bits on a busy and on an idle machine, and other bits with another seed", async () => {
    const idle = await hashOf(choices);
    expect(await underLoad(() => hashOf(choices))).toBe(idle);
    expect(await hashOf({ ...choices, seed: 5 })).not.toBe(idle);
  });
});

it("a folder is the same data set for any order in which its files were written", async () => {
  const other = join(folder, "other");
  const files = (await readdir(pictures, { recursive: true })).filter((name) => name.endsWith(".png")).sort();
  for (const name of files.toReversed()) {
    await mkdir(join(other, name, ".."), { recursive: true });
    await copyFile(join(pictures, name), join(other, name));
    await utimes(join(other, name), 1e9, 1e9);
  }
  const open = (source: string) =>
    openPictures(source, { canvas: 24, cacheDir: join(folder, "cache-order"), labels: "auto" });
  const [one, two] = [await open(pictures), await open(other)];
  expect(two.names).toEqual(one.names);
  expect(two.fingerprint).toBe(one.fingerprint);
  await one.close();
  await two.close();
  const [, choices] = RUNS[0]!;
  expect(await hashOf(choices, other)).toBe(await hashOf(choices));
});

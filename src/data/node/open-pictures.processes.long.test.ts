import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { contentHash } from "../content-hash.ts";
import type { PictureDataset } from "../picture-dataset.ts";
import { openPictures } from "./open-pictures.ts";

const CANVAS = 24;
const PICTURES = 500;
let base: string;
let folder: string;
let cacheDir: string;
let script: string;
/** The result of a build that was not disturbed. */
let undisturbed: { fingerprint: string; pixels: string };

/**
 * Waits for a line, opens the folder, prints how many pictures were cached before, the count at every
 * hundred, and the result. Kills itself when `stopAt` pictures are cached.
 */
const CHILD = `
import { writeSync } from "node:fs";
import { once } from "node:events";
import { contentHash } from ${JSON.stringify(new URL("../content-hash.ts", import.meta.url).href)};
import { openPictures } from ${JSON.stringify(new URL("./open-pictures.ts", import.meta.url).href)};
const [folder, cacheDir, canvas, budgetBytes, stopAt] = process.argv.slice(2);
const say = (line) => writeSync(1, line + "\\n");
say("ready");
await once(process.stdin, "data");
let begun = false;
const onProgress = (done) => {
  if (!begun || done % 100 === 0) say(done);
  begun = true;
  if (done >= Number(stopAt)) process.kill(process.pid, "SIGKILL");
};
const dataset = await openPictures(folder, { canvas: Number(canvas), cacheDir, budgetBytes: Number(budgetBytes), onProgress });
const out = new Uint8Array(dataset.size * 3 * dataset.canvas ** 2);
await dataset.readBatch(Array.from({ length: dataset.size }, (_, i) => i), out);
await dataset.close();
say(JSON.stringify({ fingerprint: dataset.fingerprint, pixels: contentHash(out) }));
process.exit(0);
`;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "afterimage-processes-"));
  folder = join(base, "pictures");
  script = join(base, "child.mts");
  mkdirSync(folder);
  writeFileSync(script, CHILD);
  for (let i = 0; i < PICTURES; i++) {
    const background = { r: i % 256, g: (i * 7) % 256, b: 90 };
    const image = sharp({ create: { width: 10 + (i % 30), height: 20, channels: 3, background } });
    writeFileSync(join(folder, `${i}.png`), i % 50 === 49 ? "broken" : await image.png().toBuffer());
  }
  undisturbed = await outcome(
    await openPictures(folder, { canvas: CANVAS, cacheDir: join(base, "undisturbed") }),
  );
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  cacheDir = mkdtempSync(join(base, "cache-"));
});

async function outcome(dataset: PictureDataset): Promise<typeof undisturbed> {
  const out = new Uint8Array(dataset.size * 3 * CANVAS * CANVAS);
  await dataset.readBatch(
    Array.from({ length: dataset.size }, (_, i) => i),
    out,
  );
  await dataset.close();
  return { fingerprint: dataset.fingerprint, pixels: contentHash(out) };
}

interface Child {
  process: ChildProcess;
  ready: Promise<void>;
  /** The numbers printed so far. */
  counts: number[];
  /** The signal that ended it, if one did, and its last line. */
  ended: Promise<{ signal: string | null; last: string }>;
  begin(): void;
}

function start({ budgetBytes = 1e9, stopAt = Number.POSITIVE_INFINITY } = {}): Child {
  const settings = [folder, cacheDir, CANVAS, budgetBytes, stopAt].map(String);
  const options = { cwd: import.meta.dirname, stdio: ["pipe", "pipe", "inherit"] as ("pipe" | "inherit")[] };
  const child = spawn(process.execPath, ["--import", "tsx", script, ...settings], options);
  const lines = createInterface({ input: child.stdout! });
  const ready = once(lines, "line").then(() => {});
  const counts: number[] = [];
  let last = "";
  lines.on("line", (line) => {
    last = line;
    if (/^\d+$/.test(line)) counts.push(Number(line));
  });
  const ended = once(child, "close").then(([, signal]) => ({ signal: signal as string | null, last }));
  return { process: child, ready, counts, ended, begin: () => void child.stdin!.write("go\n") };
}

async function run(settings: { budgetBytes?: number; stopAt?: number }): Promise<Child> {
  const child = start(settings);
  await child.ready;
  child.begin();
  await child.ended;
  return child;
}

const cached = async () => outcome(await openPictures(folder, { canvas: CANVAS, cacheDir }));

describe("processes that build the same cache at once", () => {
  test("all get the whole cache, and one is left", async () => {
    const children = [start(), start()];
    await Promise.all(children.map(({ ready }) => ready));
    for (const child of children) child.begin();
    const results = await Promise.all(children.map(({ ended }) => ended));
    expect(results.map(({ last }) => JSON.parse(last))).toEqual([undisturbed, undisturbed]);
    expect(readdirSync(cacheDir)).toHaveLength(1);
    expect(readdirSync(join(cacheDir, readdirSync(cacheDir)[0]!)).sort()).toEqual([
      "index.safetensors",
      "records.bin",
    ]);
  });

  test("do not mind that one of them is killed", async () => {
    const [killed, steady] = [start({ stopAt: 280 }), start()];
    await Promise.all([killed.ready, steady.ready]);
    killed.begin();
    steady.begin();
    expect(JSON.parse((await steady.ended).last)).toEqual(undisturbed);
    await killed.ended;
    expect(await cached()).toEqual(undisturbed);
  });
});

describe("a process that is killed while it builds a cache", () => {
  test.each([
    ["raw", 1e9],
    ["encoded", 1000],
  ])("loses nothing that was written: the next goes on from there (%s records)", async (_, budgetBytes) => {
    const killed = await run({ budgetBytes, stopAt: 300 });
    expect((await killed.ended).signal).toBe("SIGKILL");
    expect(readdirSync(cacheDir)).toEqual([expect.stringContaining(".partial-")]);

    const counts: number[] = [];
    const options = {
      canvas: CANVAS,
      cacheDir,
      budgetBytes,
      onProgress: (done: number) => void counts.push(done),
    };
    const dataset = await openPictures(folder, options);
    expect(counts[0]).toBe(256); // the lines that are written together
    expect(counts.at(-1)).toBe(PICTURES);
    expect(dataset.skipped).toHaveLength(PICTURES / 50);
    const { pixels, fingerprint } = await outcome(dataset);
    if (budgetBytes === 1e9) expect({ pixels, fingerprint }).toEqual(undisturbed);
    const whole = { canvas: CANVAS, cacheDir: join(base, "whole"), budgetBytes };
    expect({ pixels, fingerprint }).toEqual(await outcome(await openPictures(folder, whole)));
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  test("from outside, again and again, at any moment, ends with the same cache", async () => {
    const begins: number[] = [];
    for (const delay of [0, 150, 300]) {
      const child = start();
      await child.ready;
      child.begin();
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.process.kill("SIGKILL");
      await child.ended; // killed, or done before
      begins.push(...child.counts.slice(0, 1));
    }
    expect(begins).toEqual(begins.toSorted((a, b) => a - b)); // never less than before
    expect(await cached()).toEqual(undisturbed);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });
});

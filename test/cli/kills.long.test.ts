/**
 * Real processes, killed at random moments of reading, training and writing checkpoints. The files that they
 * leave stay readable, and a resumed run ends with the same bits as if nothing had happened.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decodeSafetensors } from "../../src/formats/safetensors.ts";
import { randomStream } from "../../src/random/random-stream.ts";
import { afterimage, lastObject, makePictures } from "./support.ts";

const KILLS = 20;
const TINY = ["--image-size", "16", "--width", "0.0625", "--batch-size", "8", "--epochs", "12"];
const WRITTEN = ["checkpoints", "config.json", "encoder.onnx", "metrics.jsonl", "pictures.json"];
const HERE = ["--threads", "1", "--json"];

let folder: string;
let pictures: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-kills-"));
  pictures = await makePictures(join(folder, "pictures"), { size: 16 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * The call that a supervisor's script repeats until the run is finished. SIGKILL ends it after `killAfter`
 * milliseconds.
 */
async function sit(out: string, cache: string, killAfter = Number.POSITIVE_INFINITY) {
  const env = { AFTERIMAGE_CACHE: cache };
  let timer: NodeJS.Timeout | undefined;
  const onStart = (kill: (signal: NodeJS.Signals) => void) => {
    if (Number.isFinite(killAfter)) timer = setTimeout(() => kill("SIGKILL"), killAfter);
  };
  const finished = await afterimage(
    ["pretrain", "--resume", "auto", pictures, "--out", out, ...TINY, ...HERE],
    {
      env,
      onStart,
    },
  );
  clearTimeout(timer);
  return finished;
}

/** Everything that a killed process may leave is valid: files under their final names are whole. */
async function expectReadable(out: string): Promise<void> {
  if (!existsSync(out)) return;
  for (const name of await readdir(out, { recursive: true })) {
    if (name.endsWith(".safetensors")) decodeSafetensors(await readFile(join(out, name)));
    if (name.endsWith(".json")) JSON.parse(await readFile(join(out, name), "utf8"));
  }
}

it("a run that is killed again and again ends like one that is not", async () => {
  const whole = join(folder, "whole");
  const begun = performance.now();
  expect((await sit(whole, join(folder, "cache-whole"))).status).toBe(0);
  const length = performance.now() - begun;
  const encoder = await readFile(join(whole, "encoder.onnx"));
  const records = await epochsOf(whole);
  const random = randomStream(1, "test/kills", 0, 0);
  let kills = 0;
  for (let run = 0; kills < KILLS; run++) {
    const [out, cache] = [join(folder, `run-${run}`), join(folder, `cache-${run}`)];
    let finished = await sit(out, cache, random.uniform(0, 1) * length);
    while (finished.status === null) {
      kills += 1;
      await expectReadable(out);
      finished = await sit(out, cache, kills < KILLS ? random.uniform(0, 1) * length : undefined);
    }
    expect(finished.status, finished.stderr).toBe(0);
    expect((await readFile(join(out, "encoder.onnx"))).equals(encoder)).toBe(true);
    expect(await epochsOf(out)).toEqual(records);
    expect((await readdir(out)).sort()).toEqual(WRITTEN);
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS);
}, 900_000);

it("a run that is killed before each change of its folder in turn finishes", async () => {
  const [out, cache] = [join(folder, "turns"), join(folder, "cache-whole")];
  const imports = [resolve(import.meta.dirname, "../support/kill-at-write.ts")];
  const words = [...TINY.slice(0, -1), "1", "--monitor-every", "0"];
  const call = ["pretrain", "--resume", "auto", pictures, "--out", out, ...words, ...HERE];
  let kills = 0;
  for (let at = 1; ; at++) {
    const env = { AFTERIMAGE_CACHE: cache, AFTERIMAGE_KILL_IN: out, AFTERIMAGE_KILL_AT: `${at}` };
    const finished = await afterimage(call, { env, imports });
    await expectReadable(out);
    if (finished.status === null) kills += 1;
    else {
      expect(finished.status, finished.stderr).toBe(0);
      break;
    }
  }
  expect(kills).toBeGreaterThanOrEqual(10);
  expect((await readdir(out)).sort()).toEqual(WRITTEN);
  const again = await afterimage(call, { env: { AFTERIMAGE_CACHE: cache } });
  expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining("this run is finished") });
  expect(lastObject(again)).toMatchObject({ encoder: join(out, "encoder.onnx"), interrupted: false });
}, 900_000);

/** The records of the epochs without their times. */
async function epochsOf(out: string): Promise<object[]> {
  const text = await readFile(join(out, "metrics.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { seconds: _, picturesPerSecond: __, ...record } = JSON.parse(line) as Record<string, unknown>;
      return record;
    });
}

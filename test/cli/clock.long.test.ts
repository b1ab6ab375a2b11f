/**
 * A machine whose clock jumps by decades, forwards and backwards: while pictures are cached, while a network
 * learns, and between two processes of a run. Nothing is lost, times are those that passed, and the result
 * has the same bits.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { afterimage, type CallOptions, lastObject, makePictures } from "./support.ts";

const CLOCK = resolve(import.meta.dirname, "../support/jumping-clock.ts");
const CHOICES = ["--image-size", "16", "--width", "0.0625", "--batch-size", "8", "--epochs", "4"];
const HERE = ["--threads", "1", "--json"];

let folder: string;
let pictures: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-clock-"));
  pictures = await makePictures(join(folder, "pictures"), { size: 16 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function pretrain(name: string, words: readonly string[], options: CallOptions = {}) {
  const env = { AFTERIMAGE_CACHE: join(folder, `cache-${name}`) };
  const call = ["pretrain", pictures, "--out", join(folder, name), ...words, ...HERE];
  return afterimage(call, { env, ...options });
}

/** Gives everything in the folders a time, in seconds since 1970, like a clock that was set. */
async function date(seconds: number, ...names: string[]): Promise<void> {
  for (const name of names) {
    const root = join(folder, name);
    for (const path of [".", ...(await readdir(root, { recursive: true }))])
      await utimes(join(root, path), seconds, seconds);
  }
}

it("the clock of these tests jumps", () => {
  const script = "process.stdout.write(JSON.stringify([Date.now(), new Date().getTime(), Date.now()]))";
  const words = ["--import", "tsx", "--import", CLOCK, "--input-type=module", "--eval", script];
  const { stdout } = spawnSync(process.execPath, words, { encoding: "utf8" });
  const [first, second, third] = JSON.parse(stdout) as [number, number, number];
  const decade = 3.15e11;
  expect(Math.abs(second - first)).toBeGreaterThan(decade);
  expect(Math.abs(third - second)).toBeGreaterThan(decade);
});

it("a run under a jumping clock ends like one under a steady clock", async () => {
  expect((await pretrain("steady", CHOICES)).status).toBe(0);
  const imports = [CLOCK];
  const begun = performance.now();
  const killed = await pretrain("jumping", CHOICES, {
    imports,
    onError: (text, kill) => {
      if (text.includes("epoch 2/")) kill("SIGKILL");
    },
  });
  expect(killed.status).toBeNull();
  await date(4e9, "jumping", "cache-jumping"); // 2096
  const resumed = await pretrain("jumping", ["--resume"], { imports });
  const elapsed = (performance.now() - begun) / 1000;
  expect(resumed.status, resumed.stderr).toBe(0);

  const encoders = ["steady", "jumping"].map((name) => readFile(join(folder, name, "encoder.onnx")));
  const [steady, jumping] = await Promise.all(encoders);
  expect(jumping!.equals(steady!)).toBe(true);

  const { seconds, epochs } = lastObject(resumed) as {
    seconds: number;
    epochs: { seconds: number; picturesPerSecond: number }[];
  };
  const times = [0, ...epochs.map((epoch) => epoch.seconds), elapsed];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(seconds).toBeLessThan(elapsed);
  for (const { picturesPerSecond } of epochs) expect(picturesPerSecond).toBeGreaterThan(48 / 4 / elapsed);
  expect(killed.stderr + resumed.stderr).not.toMatch(/\d(?:h|d)\b/); // no text says that anything takes hours
}, 180_000);

it.each([1, 4e9])(
  "a cache from second %d since 1970 is found again",
  async (seconds) => {
    const cache = join(folder, "cache-steady");
    await date(seconds, "cache-steady");
    const again = ["--epochs", "1", "--force", ...CHOICES.slice(0, -2)];
    const options = { imports: [CLOCK], env: { AFTERIMAGE_CACHE: cache } };
    expect((await pretrain("again", again, options)).status).toBe(0);
    const [name, ...others] = await readdir(cache);
    expect(others).toEqual([]);
    expect((await stat(join(cache, name!, "records.bin"))).mtimeMs).toBe(seconds * 1000);
  },
  180_000,
);

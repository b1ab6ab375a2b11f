/** A run from beginning to end, on few pictures and for a moment. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ARTISTS } from "../../demo/emoji-icons.ts";
import { fewPictures } from "../../quality/baselines.ts";
import type { Task } from "../../quality/contestant.ts";
import { CONTESTANTS } from "../../quality/contestants.ts";
import { doRun } from "../../quality/do-run.ts";
import { type PictureSet, withTasks } from "../../quality/picture-set.ts";
import { hasResult, readResults, resultFile } from "../../quality/result.ts";
import { VARIANTS } from "../../quality/variants.ts";
import { memoryDataset } from "../../src/data/index.ts";
import { METHODS } from "../../src/methods/index.ts";
import { tinyPictures } from "../support/tiny-run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "afterimage-quality-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TEN = Array.from({ length: 10 }, (_, i) => `fruit-${i}`);

/** Ten fruits, each "drawn" by all three artists. */
const set: PictureSet = await withTasks({
  ...{ name: "tiny", title: "Tiny", protocol: "", classes: 3 },
  train: tinyPictures(66, 32),
  test: tinyPictures(
    30,
    32,
    ARTISTS.flatMap((artist) => TEN.map((name) => `${artist}/${name}`)),
  ),
});

const run = (name: string) =>
  doRun(CONTESTANTS.find((one) => one.name === name)!, {
    ...{ set, seed: 0, minutes: 0.05, threads: 1, python: null, results: folder, log: () => {} },
  });

test("training with labels by a method outside of the list distinguishes colours, and leaves a complete file", async () => {
  expect(hasResult(folder, { set: "tiny", name: "supervised-resnet", seed: 0, minutes: 0.05 })).toBe(false);
  const done = await run("supervised-resnet");
  if (!("figures" in done)) throw new Error(done.refused);
  const { training, figures } = done;
  expect(training!.epochs).toBeGreaterThan(0);
  // A partial last epoch may have no record, or one of a few steps.
  expect(Math.abs(training!.course.length - training!.epochs)).toBeLessThan(1);
  expect(figures.knn).toBeGreaterThan(0.9);
  expect(figures.classifier).not.toBeNull();
  expect(resultFile(folder, { set: "tiny", name: "supervised-resnet", seed: 0, minutes: 0.05 })).toMatch(
    /supervised-resnet-0-0\.05-minutes\.json$/,
  );
  const usual = { set: "tiny", name: "supervised-resnet", seed: 0, minutes: 4 };
  expect(resultFile(folder, usual)).toMatch(/supervised-resnet-0\.json$/);
  expect((await readResults(folder)).results).toMatchObject([
    { name: "supervised-resnet", group: "baseline", threads: 1 },
  ]);
}, 180_000);

test("baselines that are not trained are judged in the same way", async () => {
  expect(await run("pixels")).toMatchObject({ training: null });
  const recalls = { at1: expect.any(Number), at5: expect.any(Number) };
  expect(await run("untrained-vit")).toMatchObject({
    family: "vit",
    figures: { copies: recalls, artists: recalls },
  });
  expect((await readResults(folder)).results).toHaveLength(3);
});

test("a method that cannot learn from the pictures leaves its reason, and counts as finished", async () => {
  const pictures = new Uint8Array(64 * 3 * 32 ** 2).fill(90);
  const grey = { ...set, name: "grey", train: memoryDataset({ canvas: 32, pictures }) };
  const cmc = CONTESTANTS.find(({ name }) => name === "cmc")!;
  const options = { seed: 0, minutes: 0.001, threads: 1, python: null, results: folder, log: () => {} };
  expect(await doRun(cmc, { ...options, set: grey })).toMatchObject({
    refused: expect.stringMatching(/grey/),
  });
  expect(hasResult(folder, { set: "grey", name: "cmc", seed: 0, minutes: 0.001 })).toBe(true);
  expect((await readResults(folder)).refusals).toMatchObject([{ name: "cmc", set: "grey" }]);
});

test.each([
  [1.1, [undefined]],
  [2, [undefined, 30]],
  [0.5, [undefined, 7.5]],
])("a run that takes %s minutes of 1 is run with these paces: %j", async (minutes, paces) => {
  const pixels = CONTESTANTS.find(({ name }) => name === "pixels")!;
  const asked: (number | undefined)[] = [];
  const run = async (task: Task) => {
    asked.push(task.secondsPerEpoch);
    const training = { minutes, epochs: 4, picturesPerSecond: 1, collapsedLoss: null, course: [] };
    return { ...(await pixels.run(task)), training };
  };
  const options = { seed: 0, minutes: 1, threads: 1, python: null, results: folder, log: () => {} };
  await doRun({ ...pixels, name: "timed", run }, { ...options, set: { ...set, name: "timed" } });
  expect(asked).toEqual(paces);
});

test("a hundredth of the labels has every class, and is repeated to the full number of pictures", () => {
  const labels = Int32Array.from({ length: 300 }, (_, i) => i % 3);
  const rows = fewPictures(labels, 0);
  expect(rows).toHaveLength(300);
  expect(new Set(rows).size).toBe(3);
  expect(new Set(rows.map((row) => labels[row])).size).toBe(3);
  expect(fewPictures(labels, 1)).not.toEqual(rows);
});

test("methods, variants, baselines and peers each have a name of their own", () => {
  const names = CONTESTANTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining([...METHODS, ...VARIANTS].map(({ name }) => name)));
  expect(names).toContain("lightly-simclr");
});

test.each(VARIANTS.map((variant) => [variant.name, variant] as const))(
  "%s changes settings of its method",
  (_name, { method, settings }) => {
    const situation = {
      ...{ pictures: 1000, imageSize: 32, batchSize: 64, epochs: 10 },
      ...({ family: "vit", multipleOf: 4, batchNorm: false, features: 96 } as const),
    };
    const own = METHODS.find(({ name }) => name === method)!;
    const changed = { ...own.defaults(situation), ...settings };
    expect(own.settings.parse(changed)).toEqual(changed);
    expect(changed).not.toEqual(own.defaults(situation));
  },
);

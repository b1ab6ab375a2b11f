/** The tasks of finding the same picture or thing, besides those of finding the class. */
import { expect, test } from "vitest";
import { ARTISTS } from "../../demo/emoji-icons.ts";
import { judge } from "../../quality/judge.ts";
import { type PictureSet, withTasks } from "../../quality/picture-set.ts";
import type { Matrix } from "../../src/data/index.ts";
import { tinyPictures } from "../support/tiny-run.ts";

const FRUITS = 6;
const TEST = ARTISTS.length * FRUITS;

function tinySet(names?: readonly string[]): Promise<PictureSet> {
  return withTasks({
    ...{ name: "tiny", title: "Tiny", protocol: "", classes: 3 },
    train: tinyPictures(24, 16),
    test: tinyPictures(TEST, 16, names),
  });
}

const drawn = ARTISTS.flatMap((artist) => Array.from({ length: FRUITS }, (_, i) => `${artist}/fruit-${i}`));

/** One unit row for each picture, along the given axes. */
function rowsOn(axes: readonly number[], cols: number): Matrix {
  const data = new Float32Array(axes.length * cols);
  for (const [row, axis] of axes.entries()) data[row * cols + axis] = 1;
  return { rows: axes.length, cols, data };
}

const each = Array.from({ length: TEST }, (_, i) => i);
const train = rowsOn(
  Array.from({ length: 24 }, (_, i) => i % TEST),
  TEST,
);

test("features that identify every picture find all copies, but not other artists' drawings", async () => {
  const test = rowsOn(each, TEST);
  const { copies, artists } = await judge(
    { train, test, copies: test, metric: "cosine" },
    await tinySet(drawn),
    1,
  );
  expect(copies).toEqual({ at1: 1, at5: 1 });
  expect(artists!.at1).toBeLessThan(0.5);
});

test("features that identify the subject find it by every artist, and a third of the copies", async () => {
  const test = rowsOn(
    each.map((i) => i % FRUITS),
    TEST,
  );
  const { copies, artists } = await judge(
    { train, test, copies: test, metric: "cosine" },
    await tinySet(drawn),
    1,
  );
  expect(artists).toEqual({ at1: 1, at5: 1 });
  expect(copies.at1).toBeLessThan(0.5);
  expect(copies.at5).toBe(1);
});

test("the copies are searched for, not the pictures themselves", async () => {
  const test = rowsOn(each, TEST);
  const turned = rowsOn(
    each.map((i) => (i + 1) % TEST),
    TEST,
  );
  const { copies } = await judge({ train, test, copies: turned, metric: "cosine" }, await tinySet(drawn), 1);
  expect(copies.at1).toBe(0);
});

test("if a set does not tell which pictures show the same thing, that task is left out", async () => {
  const test = rowsOn(each, TEST);
  const { copies, artists } = await judge(
    { train, test, copies: test, metric: "cosine" },
    await tinySet(),
    1,
  );
  expect(copies.at1).toBe(1);
  expect(artists).toBeNull();
});

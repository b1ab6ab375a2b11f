import { expect, test } from "vitest";
import { divisionNotes } from "./division-notes.ts";

const places = (...all: number[]) => Int32Array.from(all);

test("a division tells of classes without pictures in a part, by name", () => {
  const task = { kind: "classes", names: ["a", "b", "c", "d", "e", "unused"] } as const;
  const classes = places(0, 1, 2, 3, 4, 0, 1, 2);
  const answers = { kind: "classes", classes } as const;
  const parts = { training: places(0, 1, 2, 3, 4), validation: places(5), test: places(6, 7) };
  expect(divisionNotes(task, answers, parts)).toEqual([
    "no validation pictures of 4 classes (b, c, d, …)",
    "no test pictures of 3 classes (a, d, e)",
  ]);
  const whole = { training: places(0, 1, 2), validation: places(5, 6, 7), test: places() };
  expect(divisionNotes(task, answers, whole)).toEqual([]);
});

test("a division tells of labels that no training picture keeps, and nothing of numbers", () => {
  const rows = { rows: 3, cols: 2, data: Float32Array.of(1, 0, 1, 1, 1, 1) };
  const parts = { training: places(0), validation: places(1, 2), test: places() };
  const named = ["x", "y"];
  expect(divisionNotes({ kind: "several", names: named }, { kind: "several", rows }, parts)).toEqual([
    "no training pictures of label y",
  ]);
  expect(divisionNotes({ kind: "numbers", names: named }, { kind: "numbers", rows }, parts)).toEqual([]);
});

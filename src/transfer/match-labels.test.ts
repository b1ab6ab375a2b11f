import { expect, test } from "vitest";
import type { LabelTask } from "./label-task.ts";
import { matchLabels, spreadAnswers } from "./match-labels.ts";
import type { ReadLabels } from "./read-labels.ts";

const places = (...all: number[]) => Int32Array.from(all);
const rows = (cols: number, ...data: number[]) => ({
  rows: data.length / cols,
  cols,
  data: Float32Array.from(data),
});

function classes(names: string[], labels: number[], labelled = places(...labels.keys())): ReadLabels {
  return { names, answers: { kind: "classes", classes: places(...labels) }, labelled, notes: ["read"] };
}

const animals: LabelTask = { kind: "classes", names: ["cat", "dog", "fox"] };

test("classes are those of the task by their names, in any order and number", () => {
  const matched = matchLabels(classes(["fox", "cat"], [0, 1, 1], places(2, 5, 7)), animals);
  expect(matched).toEqual({
    answers: { kind: "classes", classes: places(2, 0, 0) },
    labelled: places(2, 5, 7),
    notes: ["read"],
  });
});

test("pictures of a class that the task does not have count as unlabelled, and a note names it", () => {
  const matched = matchLabels(classes(["cat", "emu", "owl"], [1, 0, 1], places(0, 3, 4)), animals);
  expect(matched.answers).toEqual({ kind: "classes", classes: places(0) });
  expect(matched.labelled).toEqual(places(3));
  expect(matched.notes.at(-1)).toBe(
    "2 pictures have classes that the teacher does not know, and count as unlabelled: emu",
  );
});

test("labels of none of the classes, or of another kind, are not used, and a note says why", () => {
  const others = matchLabels(classes(["2023", "2024"], [0, 1]), animals);
  expect(others.labelled).toEqual(places());
  expect(others.notes).toEqual([
    "the labels of the pictures are not used: the classes of the pictures are 2023, 2024, and the teacher knows the classes cat, dog, fox",
  ]);
  const numbers = matchLabels(classes(["a"], [0]), { kind: "numbers", names: ["age"] });
  expect(numbers).toMatchObject({
    answers: { kind: "numbers", rows: { rows: 0, cols: 1 } },
    labelled: places(),
  });
  expect(numbers.notes[0]).toContain("the labels of the pictures are classes");
});

test("several labels are placed by name; one that the pictures lack is absent, an unknown one refused", () => {
  const task: LabelTask = { kind: "several", names: ["red", "round", "old"] };
  const read = (names: string[]): ReadLabels => ({
    ...{ names, labelled: places(1, 2), notes: [] },
    answers: { kind: "several", rows: rows(2, 1, 0, 1, 1) },
  });
  expect(matchLabels(read(["old", "red"]), task).answers).toEqual({
    kind: "several",
    rows: rows(3, 0, 0, 1, 1, 0, 1),
  });
  expect(matchLabels(read(["old", "blue"]), task).notes[0]).toContain("include blue");
});

test("numbers are the same columns in any order, or one on both sides", () => {
  const read = (names: string[], ...data: number[]): ReadLabels => ({
    ...{ names, labelled: places(0, 1), notes: [] },
    answers: { kind: "numbers", rows: rows(names.length, ...data) },
  });
  const two: LabelTask = { kind: "numbers", names: ["x", "y"] };
  expect(matchLabels(read(["y", "x"], 1, 2, 3, 4), two).answers).toMatchObject({ rows: rows(2, 2, 1, 4, 3) });
  expect(matchLabels(read(["x"], 1, 2), two).notes[0]).toContain("no numbers y");
  const one: LabelTask = { kind: "numbers", names: ["age"] };
  expect(matchLabels(read(["years"], 5, 6), one).answers).toMatchObject({ rows: rows(1, 5, 6) });
});

test("answers of some pictures are spread over all of them", () => {
  expect(spreadAnswers({ kind: "classes", classes: places(2, 0) }, places(1, 3), 5)).toEqual({
    kind: "classes",
    classes: places(-1, 2, -1, 0, -1),
  });
  expect(spreadAnswers({ kind: "numbers", rows: rows(2, 1, 2) }, places(1), 2)).toEqual({
    kind: "numbers",
    rows: rows(2, 0, 0, 1, 2),
  });
});

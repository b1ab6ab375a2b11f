import { describe, expect, test } from "vitest";
import type { WrittenLabels } from "../data/written-labels.ts";
import { recogniseKind } from "./label-kind.ts";

const listed = (
  cells: readonly (string | readonly string[])[],
  columns: readonly string[] = [],
): WrittenLabels => ({
  from: "list",
  source: "labels.csv",
  columns,
  rows: cells.map((own, at) => ({ line: at + 2, cells: typeof own === "string" ? [own] : own })),
});
const many = (make: (i: number) => string) => listed(Array.from({ length: 60 }, (_, i) => make(i)));

describe("the kind of labels", () => {
  test.each([
    ["names", listed(["cat", "dog", ""]), "classes", []],
    ["several names", listed(["cat", "cat|dog"]), "several", ["separated by |"]],
    [
      "numbers with a point",
      listed(["1.5", "2", "", "nan"], ["age"]),
      "numbers",
      ['numbers: age; `task: "classes"`'],
    ],
    ["exponents", listed(["1e3", "2e3"]), "numbers", ["the labels are numbers: 1e3, 2e3"]],
    ["whole numbers", many((i) => `${i % 10}`), "classes", ['used as 10 classes; `task: "numbers"`']],
    ["whole numbers with decimals of nothing", many((i) => `${i % 3}.0`), "classes", ["3 classes"]],
    ["many whole numbers", many((i) => `${i % 40}`), "numbers", ["numbers: 0, 1, 2, 3, …"]],
    ["many whole numbers, each often", many((i) => `${i % 29}`), "classes", ["29 classes"]],
    ["columns of numbers", listed([["1", "2"]], ["x", "y"]), "numbers", ["the labels are numbers: x, y"]],
    [
      "columns of marks",
      listed([["1", "0"]], ["cat", "dog"]),
      "several",
      ["has (1) or has not (0): cat, dog"],
    ],
  ])("is recognised by %s", (_, written, kind, notes) => {
    const found = recogniseKind(written);
    expect(found.kind).toBe(kind);
    expect(found.notes).toHaveLength(notes.length);
    for (const [at, note] of notes.entries()) expect(found.notes[at]).toContain(note);
  });

  test("is classes for folders, whatever their names", () => {
    const written: WrittenLabels = { ...listed(["1.5", "2|3", "x"]), from: "folders" };
    expect(recogniseKind(written)).toEqual({ kind: "classes", notes: [] });
  });

  test("is an error where only some are numbers, with the first line of those that are fewer", () => {
    expect(() => recogniseKind(listed(["1", "2.5", "cat", "4", "dog"]))).toThrow(
      "only some of the labels are numbers (labels.csv, line 4); expected numbers on all lines, or names on all " +
        'lines; got "cat", which is not a number, while 3 of 5 labels are numbers. Correct the list, or use all ' +
        'labels as names of classes by `task: "classes"`.',
    );
    expect(() => recogniseKind(listed(["a", "b", "7"]))).toThrow(
      'line 4); expected numbers on all lines, or names on all lines; got "7", which is a number, while 2 of 3 labels are not',
    );
  });
});

import { describe, expect, test } from "vitest";
import type { WrittenLabels } from "../data/written-labels.ts";
import { readLabels } from "./read-labels.ts";

const listed = (cells: readonly (readonly string[])[], columns: readonly string[] = []): WrittenLabels => ({
  from: "list",
  source: "labels.csv",
  columns,
  rows: cells.map((own, at) => ({ line: at + 2, cells: own })),
});
const matrix = (cols: number, ...data: number[]) => ({
  rows: data.length / cols,
  cols,
  data: Float32Array.from(data),
});

describe("labels as they are written", () => {
  test("are classes, sorted by number or by letter; empty ones are none", () => {
    expect(readLabels(listed([["10"], [""], ["9"], ["10"]]))).toMatchObject({
      names: ["9", "10"],
      answers: { kind: "classes", classes: Int32Array.of(1, 0, 1) },
      labelled: Int32Array.of(0, 2, 3),
    });
    expect(readLabels(listed([["dog"], ["cat"]])).names).toEqual(["cat", "dog"]);
  });

  test("are several, in one column or in a column for each", () => {
    const rows = matrix(3, 1, 0, 1, 0, 0, 0, 0, 1, 0);
    expect(readLabels(listed([["c | a|a"], ["|"], [""], ["b"]]))).toMatchObject({
      names: ["a", "b", "c"],
      answers: { kind: "several", rows },
      labelled: Int32Array.of(0, 1, 3),
    });
    const marks = [
      ["1", "0", "1"],
      ["0", "0", "0"],
      ["", "1", "0"],
      ["0", "1", "0"],
    ];
    expect(readLabels(listed(marks, ["x", "b", "a"]))).toMatchObject({
      names: ["x", "b", "a"],
      answers: { kind: "several", rows },
      labelled: Int32Array.of(0, 1, 3),
    });
  });

  test("are numbers; a picture without one of them has no label", () => {
    const cells = [
      ["1.5", "-2"],
      ["3", "NaN"],
      ["", "1"],
      [".5", "1e2"],
    ];
    expect(readLabels(listed(cells, ["age", "size"]))).toMatchObject({
      names: ["age", "size"],
      answers: { kind: "numbers", rows: matrix(2, 1.5, -2, 0.5, 100) },
      labelled: Int32Array.of(0, 3),
    });
    expect(readLabels(listed([["2"], ["4"]]), "numbers")).toMatchObject({
      names: ["number"],
      answers: { rows: matrix(1, 2, 4) },
      notes: [],
    });
    const folders: WrittenLabels = { ...listed([["1"], ["2"]]), from: "folders" };
    expect(readLabels(folders, "numbers").answers).toEqual({ kind: "numbers", rows: matrix(1, 1, 2) });
  });

  test("do not depend on the order of the rows but for that of the answers", () => {
    const cells = [["b|a"], [""], ["c"], ["a"]];
    const straight = readLabels(listed(cells));
    const turned = readLabels(listed(cells.toReversed()));
    expect(turned.names).toEqual(straight.names);
    expect(turned.answers).toEqual({ kind: "several", rows: matrix(3, 1, 0, 0, 0, 0, 1, 1, 1, 0) });
  });

  test.each([
    [
      "a name among numbers",
      [["1"], ["x"]],
      "numbers",
      'line 3); expected a number that a float32 can hold, such as 12 or 0.5; got "x"',
    ],
    ["a number beyond float32", [["1"], ["1e39"]], "numbers", 'got "1e39"'],
  ] as const)("are refused with their line for %s", (_, cells, kind, message) => {
    expect(() => readLabels(listed(cells), kind)).toThrow(message);
  });

  test("are refused where a mark is neither 0 nor 1, classes have several columns, or there are none", () => {
    const columns = ["cat", "dog"];
    expect(() => readLabels(listed([["1", "2"]], columns), "several")).toThrow(
      "labels.csv, line 2); expected 0 or 1",
    );
    expect(() => readLabels(listed([["1", "2"]], columns), "classes")).toThrow(
      'classes are read from one column of the list (labels.csv); expected one column called label, or `task: "several"`',
    );
    for (const cells of [
      [[""], [""]],
      [[], []],
    ])
      expect(() => readLabels(listed(cells))).toThrow("none of the pictures has a label (labels.csv)");
    expect(() => readLabels(listed([["nan"]]), "numbers")).toThrow("none of the pictures has a label");
    expect(() => readLabels(listed([["|"]]))).toThrow("none of the pictures has a label");
  });
});

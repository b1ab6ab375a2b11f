import { describe, expect, test } from "vitest";
import { contingencyTable, isOneToOne, sumsOf, sumsOfCounts } from "./contingency-table.ts";

describe("contingencyTable", () => {
  test("counts pairs, in ascending order of the values that occur", () => {
    const { rows, cols, data } = contingencyTable([7, 2, 7, 7, 2], [1000000000, 3, 3, 1000000000, 3]);
    expect([rows, cols]).toEqual([2, 2]);
    expect(Array.from(data)).toEqual([2, 0, 1, 2]);
  });

  test.each([
    [[], [], "nothing to score"],
    [[0, 1], [0], "2 labels"],
    [[0, 1.5], [0, 0], "the labels"],
    [[0, 1], [0, -1], "the clusters"],
  ])("refuses labels %j and clusters %j", (labels, clusters, message) => {
    expect(() => contingencyTable(labels, clusters)).toThrow(message);
  });
});

describe("the sums of a table", () => {
  test("are those of its rows and columns", () => {
    const sums = sumsOf({ rows: 2, cols: 3, data: [1, 2, 3, 4, 0, 0.5] });
    expect([Array.from(sums.rows), Array.from(sums.cols), sums.total]).toEqual([[6, 4.5], [5, 2, 3.5], 10.5]);
  });

  test.each([
    [{ rows: 2, cols: 2, data: [1, 2, 3] }, "[2, 2] with 3 weights"],
    [{ rows: 0, cols: 2, data: [] }, "at least one row"],
    [{ rows: 1, cols: 2, data: [0, 0] }, "not all of them 0"],
    [{ rows: 1, cols: 2, data: [1, -1] }, "place 1"],
    [{ rows: 1, cols: 2, data: [Number.NaN, 1] }, "got NaN"],
    [{ rows: 1, cols: 2, data: [1, Number.POSITIVE_INFINITY] }, "got Infinity"],
  ])("are refused of %j", (table, message) => {
    expect(() => sumsOf(table)).toThrow(message);
  });

  test("of counts are of whole numbers", () => {
    expect(() => sumsOfCounts({ rows: 1, cols: 2, data: [0.25, 0.75] })).toThrow("whole numbers; got 0.25");
  });
});

test("a table is one to one if both sides divide alike, in any order", () => {
  expect(isOneToOne({ rows: 2, cols: 2, data: [0, 3, 5, 0] })).toBe(true);
  expect(isOneToOne({ rows: 2, cols: 3, data: [0, 3, 0, 5, 0, 0] })).toBe(true);
  expect(isOneToOne({ rows: 2, cols: 2, data: [1, 3, 5, 0] })).toBe(false);
  expect(isOneToOne({ rows: 2, cols: 1, data: [3, 5] })).toBe(false);
});

import { describe, expect, test } from "vitest";
import { describeLabelCounts, labelCounts } from "./label-counts.ts";

const names = ["cat", "dog", "owl"];
const classes = Int32Array.of(0, 0, 1, 2, 1);

describe("counts of labels", () => {
  test("are those of the pictures asked for, of each class", () => {
    const counts = labelCounts(
      { kind: "classes", names },
      { kind: "classes", classes },
      Int32Array.of(0, 1, 4),
    );
    expect(counts.each).toEqual([
      { name: "cat", count: 2 },
      { name: "dog", count: 1 },
      { name: "owl", count: 0 },
    ]);
    expect(describeLabelCounts(counts)).toBe("3 labelled pictures: cat 2, dog 1, owl 0");
  });

  test("count every label of a picture, and only pictures where there are numbers", () => {
    const rows = { rows: 2, cols: 3, data: Float32Array.of(1, 1, 0, 1, 0, 0) };
    const both = Int32Array.of(0, 1);
    const several = labelCounts({ kind: "several", names }, { kind: "several", rows }, both);
    expect(several.each?.map(({ count }) => count)).toEqual([2, 1, 0]);
    const numbers = labelCounts({ kind: "numbers", names }, { kind: "numbers", rows }, both);
    expect(describeLabelCounts(numbers)).toBe("2 labelled pictures");
  });

  test("are told in short for equal counts and for many classes", () => {
    const each = names.map((name) => ({ name, count: 20 }));
    expect(describeLabelCounts({ pictures: 60, each })).toBe("60 labelled pictures: 20 of each of 3 classes");
    const many = Array.from({ length: 13 }, (_, k) => ({ name: `c${k}`, count: k + 1 }));
    expect(describeLabelCounts({ pictures: 91, each: many })).toBe(
      "91 labelled pictures: from 1 (c0) to 13 (c12) of 13 classes",
    );
  });
});

import { describe, expect, it, test } from "vitest";
import { requireClasses, requireClusters, requireTested } from "./require-classes.ts";

describe("requireClasses", () => {
  it("counts the classes of more labels than a call takes arguments", () => {
    const labels = Int32Array.from({ length: 300_000 }, (_, i) => i % 7);
    expect(requireClasses({ labels, classNames: null }, "x").classes).toBe(7);
  });

  it("counts classes that have names and no picture", () => {
    const labels = Int32Array.of(0, 1, 0);
    expect(requireClasses({ labels, classNames: ["a", "b", "c"] }, "x").classes).toBe(3);
  });

  it("counts those that have a picture apart from those that have a name", () => {
    const labels = Int32Array.of(0, 2, 0);
    expect(requireClasses({ labels, classNames: ["a", "broken", "c"] }, "x").present).toBe(2);
  });

  it("names what stands in the way of labels", () => {
    const unlabelled = "1 of 13 pictures has no label: stray.png";
    expect(() => requireClasses({ labels: null, classNames: null, unlabelled }, "x")).toThrow(
      /got no labels: 1 of 13 pictures has no label: stray\.png\. Move or remove/,
    );
  });

  it.each([
    [null, /got no labels/],
    [Int32Array.of(1, 1), /got one class/],
  ])("refuses %o", (labels, message) => {
    expect(() => requireClasses({ labels, classNames: null }, "x")).toThrow(message);
  });
});

test("no more clusters than pictures are asked for", () => {
  expect(() => requireClusters(5, 5, "x")).not.toThrow();
  expect(() => requireClusters(6, 5, "x")).toThrow(/\(x\); expected `clusters` of at most 5; got 6/);
});

describe("requireTested", () => {
  const rows = (...of: number[]) => Int32Array.from(of);
  const place = { classNames: ["a", "b", "c", "d", "e"], where: "x" };

  it("refuses classes of one picture each", () => {
    const split = { kept: rows(0, 1, 2), held: rows() };
    expect(() => requireTested(rows(0, 1, 2), split, place)).toThrow(
      /only one picture.*got 3 classes of one/,
    );
  });

  it("names classes that are not tested or not learned", () => {
    const split = { kept: rows(0, 1, 2), held: rows(3, 4) };
    expect(requireTested(rows(0, 1, 2, 2, 4), split, place)).toEqual([
      "no test pictures in 2 classes (a, b)",
      "no training pictures in class e, so never predicted correctly",
    ]);
    expect(requireTested(rows(0, 0), { kept: rows(0), held: rows(1) }, place)).toEqual([]);
  });
});

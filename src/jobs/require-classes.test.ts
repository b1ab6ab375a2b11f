import { describe, expect, it } from "vitest";
import { requireClasses } from "./require-classes.ts";

describe("requireClasses", () => {
  it("counts the classes of more labels than a call takes arguments", () => {
    const labels = Int32Array.from({ length: 300_000 }, (_, i) => i % 7);
    expect(requireClasses({ labels, classNames: null }, "x").classes).toBe(7);
  });

  it("counts classes that have names and no picture", () => {
    const labels = Int32Array.of(0, 1, 0);
    expect(requireClasses({ labels, classNames: ["a", "b", "c"] }, "x").classes).toBe(3);
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

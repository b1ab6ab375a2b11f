import { describe, expect, it } from "vitest";
import { firstNotFinite } from "./first-not-finite.ts";

describe("firstNotFinite", () => {
  it("finds NaN and infinities at every place", () => {
    for (const length of [1, 3, 4, 5, 11])
      for (let at = 0; at < length; at++)
        for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
          expect(firstNotFinite(new Float32Array(length).fill(1).fill(value, at))).toBe(at);
  });

  it("finds none among the largest finite numbers, whatever their signs", () => {
    const most = 3.4028234663852886e38;
    expect(firstNotFinite(Float32Array.from({ length: 10_003 }, (_, i) => (i % 3 ? most : -most)))).toBe(-1);
    expect(firstNotFinite(new Float32Array(9).fill(most))).toBe(-1);
    expect(firstNotFinite(new Float32Array(0))).toBe(-1);
  });

  it("is not misled by infinities that cancel", () => {
    const both = Float32Array.of(0, Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY);
    expect(firstNotFinite(both)).toBe(1);
  });
});

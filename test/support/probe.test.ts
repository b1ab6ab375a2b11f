import { describe, expect, test } from "vitest";
import { deterministic } from "./deterministic.ts";
import { probe, probeError, relativeError } from "./probe.ts";

const values = deterministic("probe", 1000);

describe("probeError", () => {
  test("is zero between a tensor and its own probe", () => {
    expect(probeError(values, probe(values))).toBe(0);
  });

  test("sees a wrong entry at a probed index, relative to the largest magnitude of the tensor", () => {
    const wrong = values.slice();
    wrong[999]! += 0.01;
    expect(probeError(wrong, probe(values))).toBeCloseTo(0.01 / Math.max(...values.map(Math.abs)), 4);
  });

  test("sees a wrong scale of entries that are not probed, by the norm", () => {
    const kept = new Set(probe(values).slice(2));
    const wrong = values.map((value) => (kept.has(value) ? value : value * 1.01));
    expect(probeError(wrong, probe(values))).toBeGreaterThan(0.009);
  });

  test("is NaN, and so below no tolerance, for a NaN or another number of entries", () => {
    const broken = values.slice();
    broken[500] = Number.NaN;
    expect(probeError(broken, probe(values))).toBeNaN();
    expect(probeError(values.subarray(0, 20), probe(values))).toBeNaN();
  });

  test("is absolute for a reference of zeros", () => {
    expect(probeError([0, 0.25], probe([0, 0]))).toBe(0.25);
  });
});

describe("relativeError", () => {
  test("is the largest difference over the largest magnitude of the reference", () => {
    expect(relativeError([1, 2, -4.5], [1, 2, -5])).toBe(0.1);
  });

  test("is NaN if lengths differ or a value is NaN", () => {
    expect(relativeError([1], [1, 2])).toBeNaN();
    expect(relativeError([1, Number.NaN], [1, 2])).toBeNaN();
  });
});

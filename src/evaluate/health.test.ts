import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../data/matrix.ts";
import { type CollapseEvidence, collapseWarning, health } from "./health.ts";

const matrix = (name: string, rows: number, cols: number): Matrix => ({
  rows,
  cols,
  data: deterministic(name, rows * cols),
});

describe("health", () => {
  test("is the deviation of normalised features, dimension by dimension, and their mean cosine", () => {
    const features = matrix("health", 30, 5);
    const unit = Array.from({ length: 30 }, (_, i) => {
      const row = Array.from(features.data.subarray(i * 5, (i + 1) * 5));
      return row.map((value) => value / Math.hypot(...row));
    });
    const deviations = [0, 1, 2, 3, 4].map((d) => {
      const mean = unit.reduce((sum, row) => sum + row[d]!, 0) / 30;
      return Math.sqrt(unit.reduce((sum, row) => sum + (row[d]! - mean) ** 2, 0) / 29);
    });
    const cosines = unit.flatMap((a, i) =>
      unit.filter((_, j) => j !== i).map((b) => a.reduce((sum, value, d) => sum + value * b[d]!, 0)),
    );
    const result = health(features);
    expect(result.deviation).toBeCloseTo(deviations.reduce((a, b) => a + b) / 5, 12);
    expect(result.meanCosine).toBeCloseTo(cosines.reduce((a, b) => a + b) / cosines.length, 12);
    expect(result.idealDeviation).toBeCloseTo(1 / Math.sqrt(5), 12);
    expect(result).toMatchObject({ rankLimit: 5, rankRows: 30 });
  });

  test("is ideal for features spread evenly over the sphere", () => {
    // All 2^8 corners of the cube: each coordinate is ±1/√8, half and half.
    const data = Float32Array.from({ length: 256 * 8 }, (_, i) =>
      (Math.floor(i / 8) >> (i % 8)) & 1 ? 5 : -5,
    );
    const { deviation, idealDeviation, rankMe, meanCosine } = health({ rows: 256, cols: 8, data });
    expect(deviation).toBeCloseTo(idealDeviation * Math.sqrt(256 / 255), 9);
    expect(rankMe).toBeCloseTo(8, 4);
    expect(meanCosine).toBeCloseTo(-1 / 255, 9);
  });

  test("is 0 deviation, rank 1 and cosine 1 when every picture looks alike", () => {
    const data = Float32Array.from({ length: 40 * 6 }, (_, i) => [0.3, -1, 2, 0.1, 0, 7][i % 6]!);
    const { deviation, rankMe, meanCosine } = health({ rows: 40, cols: 6, data });
    expect(deviation).toBeLessThan(1e-7);
    expect(rankMe).toBeCloseTo(1, 4);
    expect(meanCosine).toBeCloseTo(1, 9);
  });

  test("refuses one picture and numbers that are not finite", () => {
    expect(() => health(matrix("one", 1, 4))).toThrow("at least two pictures");
    const broken = matrix("broken", 3, 2);
    broken.data[3] = Number.POSITIVE_INFINITY;
    expect(() => health(broken)).toThrow("(row 1, column 1); got Infinity");
  });
});

describe("collapseWarning", () => {
  const alive = { deviation: 0.05, idealDeviation: 0.0625, rankMe: 90 };
  const evidence: CollapseEvidence = { loss: 6.1, lossAtCollapse: Math.log(4096), health: alive, epoch: 10 };

  test("says nothing of a healthy run", () => {
    expect(collapseWarning(evidence)).toBeNull();
    expect(collapseWarning({ ...evidence, lossAtCollapse: null })).toBeNull();
  });

  test("names the plateau at 8.3178 as ln 4096, and what to change", () => {
    const warning = collapseWarning({ ...evidence, loss: 8.3178 });
    expect(warning).toContain("After 10 epochs the loss is 8.3178");
    expect(warning).toContain("ln 4096 = 8.3178");
    expect(warning).toContain("Lower the learning rate");
    expect(collapseWarning({ ...evidence, loss: 8.29 })).toBeNull();
  });

  test("sees the plateau of NT-Xent when all embeddings are equal, ln(2B - 1)", () => {
    const lossAtCollapse = Math.log(2 * 128 - 1);
    const warning = collapseWarning({ ...evidence, loss: 5.5415, lossAtCollapse });
    expect(warning).toContain("ln 255 = 5.5413");
    expect(collapseWarning({ ...evidence, loss: 5.3, lossAtCollapse })).toBeNull();
  });

  test("does not call a value a logarithm that is none", () => {
    expect(collapseWarning({ ...evidence, loss: 2.5, lossAtCollapse: 2.5 })).toContain(
      "same output (2.5000)",
    );
  });

  test("sees features that hardly differ, or lie along one direction, whatever the loss", () => {
    const equal = collapseWarning({ ...evidence, health: { ...alive, deviation: 0.003 } });
    expect(equal).toContain("almost equal (deviation 0.0030 where 0.063 is ideal)");
    const line = collapseWarning({ ...evidence, lossAtCollapse: null, health: { ...alive, rankMe: 1.4 } });
    expect(line).toContain("one direction (effective rank 1.4)");
    const both = collapseWarning({ ...evidence, loss: 8.3178, health: { ...alive, rankMe: 1.4 } });
    expect(both).toMatch(/8\.3178.*, and the features lie along one direction/);
  });

  test("keeps quiet about the first epoch, and gives the method's own advice where there is one", () => {
    expect(collapseWarning({ ...evidence, loss: 8.3178, epoch: 1 })).toBeNull();
    const warning = collapseWarning({ ...evidence, loss: 8.3178, epoch: 2, advice: "Sharpen the teacher" });
    expect(warning).toMatch(/this is collapse\. Sharpen the teacher\.$/);
  });
});

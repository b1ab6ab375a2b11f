import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import type { Matrix } from "../formats/matrix.ts";
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
  const curve = (losses: number[], more: Partial<CollapseEvidence> = {}) =>
    collapseWarning({ ...evidence, loss: losses.at(-1)!, losses, epoch: losses.length, ...more });

  test("says nothing of a healthy run", () => {
    expect(collapseWarning(evidence)).toBeNull();
    expect(collapseWarning({ ...evidence, lossAtCollapse: null })).toBeNull();
    expect(curve([8.4, 7.9, 7.2, 6.8, 6.1])).toBeNull();
    expect(curve([8.4, 7.9, 7.2, 6.8, 6.1], { lossAtCollapse: null })).toBeNull();
  });

  test("calls features that hardly differ, or lie along one direction, collapse, whatever the loss", () => {
    const equal = collapseWarning({ ...evidence, health: { ...alive, deviation: 0.001 } });
    expect(equal).toContain(
      "almost equal for all pictures (deviation 0.0010, ideally 0.063): this is collapse. Lower",
    );
    const line = collapseWarning({ ...evidence, lossAtCollapse: null, health: { ...alive, rankMe: 1.4 } });
    expect(line).toContain("one direction (effective rank 1.40): this is collapse");
    const both = collapseWarning({ ...evidence, loss: 8.3178, health: { ...alive, rankMe: 1.4 } });
    expect(both).toMatch(
      /one direction .*, and the loss is 8\.3178, its value .* \(ln 4096 = 8\.3178\): this is coll/,
    );
  });

  test("calls embeddings that are alike collapse too, after the first epoch, though features still differ", () => {
    const embeddings = [
      { metric: "target_rank", value: 5, least: 2 },
      { metric: "target_deviation", value: 0.284, least: 0.45 },
    ];
    const warning = collapseWarning({
      ...evidence,
      embeddings,
      epoch: 2,
      advice: { "collapsed-features": "Stop" },
    });
    expect(warning).toBe(
      "After 2 epochs the embeddings that the loss compares are almost equal for all pictures (target_deviation 0.28, below 0.45): " +
        "this is collapse. Stop.",
    );
    expect(collapseWarning({ ...evidence, embeddings, epoch: 1 })).toBeNull();
    const spread = embeddings.map((each) => ({ ...each, value: each.least + 0.01 }));
    expect(collapseWarning({ ...evidence, embeddings: spread })).toBeNull();
  });

  test("takes an untrained ResNet-50, deviation 3 % and rank 12, for no collapse", () => {
    const untrained = { deviation: 0.033 / 16, idealDeviation: 1 / 16, rankMe: 11.9 };
    expect(collapseWarning({ ...evidence, health: untrained, epoch: 1 })).toBeNull();
    expect(collapseWarning({ ...evidence, health: untrained })).toBeNull();
  });

  test("judges the first epoch by an effective rank of 1 alone", () => {
    const dead = { ...alive, deviation: 0, rankMe: 1 };
    expect(collapseWarning({ ...evidence, health: dead, epoch: 1 })).toMatch(
      /^After 1 epoch the features vary .* \(effective rank 1\.00\): this is collapse/,
    );
    expect(collapseWarning({ ...evidence, health: { ...dead, rankMe: 1.4 }, epoch: 1 })).toBeNull();
    expect(collapseWarning({ ...evidence, loss: 8.3178, epoch: 1 })).toBeNull();
  });

  const rankTold = (epoch: number, rankMe: number, rankBefore: number) =>
    collapseWarning({ ...evidence, health: { ...alive, rankMe }, rankBefore, epoch });

  test("lets a rank below 2 pass in two epochs, and a rank of 1 never", () => {
    expect(rankTold(2, 1.78, 1.75)).toBeNull(); // SimMIM on 3,881 emoji, which has 4.2 an epoch later
    expect(rankTold(3, 1.8, 1.78)).toContain("After 3 epochs the features vary along one direction");
    expect(rankTold(2, 1.15, 1.75)).toContain("(effective rank 1.15): this is collapse");
  });

  test("lets a rank that rises pass below 2, and a rank of 1 never", () => {
    expect(rankTold(3, 1.96, 1.7)).toBeNull();
    expect(rankTold(3, 1.75, 1.7)).toContain("(effective rank 1.75): this is collapse");
    expect(rankTold(3, 1.6, 2.7)).toContain("(effective rank 1.60): this is collapse");
    expect(rankTold(3, 1.15, 1)).toContain("(effective rank 1.15): this is collapse");
  });

  test("names the plateau at 8.3178 as ln 4096, and no collapse while features differ", () => {
    const warning = collapseWarning({ ...evidence, loss: 8.3178 });
    expect(warning).toContain("After 10 epochs the loss stays at 8.3178");
    expect(warning).toContain(
      "(ln 4096 = 8.3178). The features still differ, so the encoder has not collapsed",
    );
    expect(warning).toContain("Set the temperatures to the method's defaults");
    expect(collapseWarning({ ...evidence, loss: 8.29 })).toBeNull();
  });

  test("sees the plateau of SimCLR at temperature 100, ln(2B - 1) less a hundredth of the cosines' margin", () => {
    const lossAtCollapse = Math.log(2 * 128 - 1);
    // One positive of cosine 0.5 among negatives of cosine 0: -0.005 + ln(254 + e^0.005).
    const loss = Math.log(254 + Math.exp(0.005)) - 0.005;
    const warning = curve([loss + 0.003, loss + 0.001, loss], { lossAtCollapse });
    expect(warning).toContain("ln 255 = 5.5413");
    expect(warning).toContain("has not collapsed");
    expect(collapseWarning({ ...evidence, loss: 5.3, lossAtCollapse })).toBeNull();
  });

  test("lets a loss pass by the value", () => {
    expect(curve([8.6, 8.45, 8.318])).toBeNull();
    expect(curve([8.6, 8.318, 8.318])).toContain("stays at");
  });

  test("sees DINO at 8.0 above ln 1024", () => {
    const stuck = curve([8.01, 8.0, 8.02, 7.99], { lossAtCollapse: Math.log(1024) });
    expect(stuck).toContain(
      "After 4 epochs the loss has not fallen since the start (8.0100 in the first epoch,",
    );
    expect(stuck).toContain("and has never been below its value when every picture");
    expect(stuck).toContain("(ln 1024 = 6.9315). Check the learning rate");
    expect(curve([8.01, 8.0, 8.02], { lossAtCollapse: Math.log(1024) })).toBeNull();
  });

  test("does not measure the fall from an epoch in which the memory was random", () => {
    const losses = [6.1, 8.2, 8.0, 7.7, 7.5];
    expect(curve(losses)).toContain("(6.1000 in the first epoch, 7.5000 now)");
    expect(curve(losses, { unsettled: 1 })).toBeNull();
    expect(curve([6.1, 8.5, 8.5, 8.5, 8.5], { unsettled: 1 })).toContain("(8.5000 in epoch 2, 8.5000 now)");
    expect(curve([8.3178, 8.3178], { unsettled: 1 })).toBeNull();
    expect(curve([8.3178, 8.3178, 8.3178], { unsettled: 1 })).toContain("stays at 8.3178");
  });

  test("sees a learning rate of 0 in six epochs of noise about ln 15", () => {
    const noise = [3.24, 2.74, 2.98, 2.81, 3.1, 2.77];
    expect(curve(noise, { lossAtCollapse: Math.log(15) })).toContain("never been below its value");
  });

  test("says only that the loss has not fallen where its value at collapse is unknown or far above", () => {
    const flat = [5.01, 5.0, 5.02, 5.0];
    const unknown = curve(flat, { lossAtCollapse: null });
    expect(unknown).toContain(
      "the loss has not fallen since the start (5.0100 in the first epoch, 5.0000 now). Check",
    );
    expect(curve(flat, { lossAtCollapse: 8 })).toBe(unknown);
  });

  test("does not ask a loss that collapses at its lowest to lie below that", () => {
    expect(curve([-0.3, -0.6, -0.7, -0.68, -0.71], { lossAtCollapse: -1 })).toBeNull();
    expect(curve([1.4, 0.9, 0.8, 0.9, 0.85], { lossAtCollapse: 0 })).toBeNull();
    expect(curve([0.2, 0.0004, 0.0003], { lossAtCollapse: 0 })).toContain("stays at 0.0003");
  });

  test("does not call a value a logarithm that is none", () => {
    const warning = collapseWarning({ ...evidence, loss: 2.5, lossAtCollapse: 2.5 });
    expect(warning).toContain("same output (2.5000)");
    const vicreg = collapseWarning({ ...evidence, loss: 24.75, lossAtCollapse: 24.75 });
    expect(vicreg).toContain("same output (24.7500)");
  });

  test("gives the method's own advice where there is one", () => {
    const advice = { "loss-at-collapse": "Sharpen the teacher" };
    expect(collapseWarning({ ...evidence, loss: 8.3178, advice })).toMatch(/loss\. Sharpen the teacher\.$/);
    const dead = { ...alive, rankMe: 1 };
    expect(collapseWarning({ ...evidence, health: dead, advice })).toContain("this is collapse. Lower the");
  });
});

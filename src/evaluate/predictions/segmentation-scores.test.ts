import { describe, expect, test } from "vitest";
import { ConfusionCounts } from "./confusion-counts.ts";
import { segmentationScores } from "./segmentation-scores.ts";

function scores(
  labels: readonly number[],
  predictions: readonly number[],
  classes: number,
  ignored: number[] = [],
) {
  const counts = new ConfusionCounts({ classes, ignored });
  counts.add(labels, predictions);
  return segmentationScores(counts);
}

describe("scores of masks", () => {
  test("are those of a known table, where a class is absent and one is only predicted", () => {
    // Labels 0 0 0 0 1 1, predictions 0 0 0 2 1 0; class 3 is on neither side.
    const { byClass, ...all } = scores([0, 0, 0, 0, 1, 1], [0, 0, 0, 2, 1, 0], 4);
    expect(byClass.map(({ pixels }) => pixels)).toEqual([4, 2, 0, 0]);
    expect(byClass.map(({ accuracy }) => accuracy)).toEqual([3 / 4, 1 / 2, Number.NaN, Number.NaN]);
    expect(byClass.map(({ iou }) => iou)).toEqual([3 / 5, 1 / 2, 0, Number.NaN]);
    expect(byClass.map(({ dice }) => dice)).toEqual([6 / 8, 2 / 3, 0, Number.NaN]);
    expect(all.pixels).toBe(6);
    expect(all.pixelAccuracy).toBeCloseTo(4 / 6, 12);
    expect(all.meanAccuracy).toBeCloseTo((3 / 4 + 1 / 2) / 2, 12);
    expect(all.meanIou).toBeCloseTo((3 / 5 + 1 / 2 + 0) / 3, 12);
    expect(all.frequencyWeightedIou).toBeCloseTo((4 / 6) * (3 / 5) + (2 / 6) * (1 / 2), 12);
    expect(all.meanDice).toBeCloseTo((6 / 8 + 2 / 3 + 0) / 3, 12);
  });

  test("a whole picture called background has a high PA and a low MIoU where objects are small", () => {
    // 96 % background and one class in each of 20 small objects.
    const labels = Array.from({ length: 10_000 }, (_, i) => (i < 400 ? 1 + (i % 20) : 0));
    const { pixelAccuracy, meanIou } = scores(labels, new Array(10_000).fill(0), 21);
    expect(pixelAccuracy).toBe(0.96);
    expect(meanIou).toBeCloseTo(0.96 / 21, 12);
    expect(meanIou).toBeLessThan(0.1);
  });

  test("a class whose label is ignored has none, and is a mistake elsewhere", () => {
    const { byClass, meanIou, pixels } = scores([0, 1, 1, 2], [0, 1, 2, 0], 3, [2]);
    expect(pixels).toBe(3);
    expect(byClass[2]).toEqual({ pixels: 0, accuracy: Number.NaN, iou: Number.NaN, dice: Number.NaN });
    expect(meanIou).toBeCloseTo((1 + 1 / 2) / 2, 12);
  });

  test("nothing to score is refused", () => {
    expect(() => scores([255, 255], [0, 0], 2, [255])).toThrow("at least one whose label is not ignored");
    expect(() => segmentationScores(new ConfusionCounts({ classes: 2 }))).toThrow(
      "there is no pixel to score",
    );
  });
});

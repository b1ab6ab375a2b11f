/** Metrics of masks, as scikit-learn, torchmetrics and scipy compute them (scripts/make_mask_metrics.py). */
import { expect, test } from "vitest";
import { BoundaryCounts, ConfusionCounts, segmentationScores } from "../../src/evaluate/index.ts";
import { readFixture } from "../support/fixtures.ts";

/** The fixture has float32. */
const DIGITS = 6;
const fixture = readFixture("mask-metrics");
const [pictures, rows, columns] = fixture.shape("labels") as [number, number, number];
const classes = fixture.shape("pixels")[0]!;
const ignored = [255];
const picture = (name: string, i: number) =>
  fixture.numbers(name).slice(i * rows * columns, (i + 1) * rows * columns);

const counts = new ConfusionCounts({ classes, ignored });
for (let i = 0; i < pictures; i++) counts.add(picture("labels", i), picture("predictions", i));
const scores = segmentationScores(counts);

const near = (got: readonly number[], entry: string) => {
  const wanted = fixture.floats(entry);
  expect(got).toHaveLength(wanted.length);
  for (const [c, value] of got.entries()) {
    if (Number.isNaN(wanted[c])) expect(value, `${entry} of class ${c}`).toBeNaN();
    else expect(value, `${entry} of class ${c}`).toBeCloseTo(wanted[c]!, DIGITS);
  }
};

test("the counts of three pictures are scikit-learn's confusion matrix", () => {
  expect([...counts.counts]).toEqual(fixture.numbers("confusion"));
  expect(scores.byClass.map(({ pixels }) => pixels)).toEqual(fixture.numbers("pixels"));
});

test("accuracy and Dice are its recalls and F1 scores, NaN where it has none", () => {
  near([scores.pixelAccuracy], "accuracy/pixels");
  near([scores.meanAccuracy], "accuracy/mean");
  near(
    scores.byClass.map(({ accuracy }) => accuracy),
    "accuracy/by_class",
  );
  near([scores.meanDice], "dice/mean");
  near(
    scores.byClass.map(({ dice }) => dice),
    "dice/by_class",
  );
});

test("IoU is torchmetrics' Jaccard index, but NaN for a class that is nowhere", () => {
  near([scores.meanIou], "iou/mean");
  near([scores.frequencyWeightedIou], "iou/by_frequency");
  const present = fixture.numbers("present");
  expect(scores.byClass.map(({ iou }) => !Number.isNaN(iou))).toEqual(present.map((is) => is === 1));
  near(
    scores.byClass.map(({ iou }) => (Number.isNaN(iou) ? 0 : iou)),
    "iou/by_class",
  );
});

test("the boundary IoU is that of eroded masks", () => {
  const boundaries = new BoundaryCounts({ classes, ignored, width: 1 / Math.hypot(rows, columns) });
  for (let i = 0; i < pictures; i++) boundaries.add(picture("labels", i), picture("predictions", i), columns);
  near(boundaries.byClass, "boundary/by_class");
});

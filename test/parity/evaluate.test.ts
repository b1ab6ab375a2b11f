/** kNN, linear probe, retrieval and health against scikit-learn and numpy (scripts/make_knn.py). */
import { describe, expect, test } from "vitest";
import { health, knn, labelledRetrieval, linearProbe, nearest, rankMe } from "../../src/evaluate/index.ts";
import { judgeHeads } from "../../src/evaluate/judge-heads.ts";
import { trainHeads } from "../../src/evaluate/train-heads.ts";
import type { Matrix } from "../../src/formats/matrix.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;
const CLASSES = 5;
const fixture = readFixture("knn");

function matrix(name: string): Matrix {
  const [rows, cols] = fixture.shape(name) as [number, number];
  return { rows, cols, data: fixture.floats(name) };
}

const [bank, queries] = [matrix("bank"), matrix("queries")];
const [bankLabels, queryLabels] = [fixture.numbers("bank_labels"), fixture.numbers("query_labels")];

test("nearest neighbours and their similarities are scikit-learn's", async () => {
  const { indices, scores } = await nearest({ queries, gallery: bank, k: 20 });
  expect(Array.from(indices)).toEqual(fixture.numbers("knn/neighbours"));
  expect(relativeError(scores, fixture.floats("knn/similarities"))).toBeLessThan(TOLERANCE);
});

describe("kNN has the predictions of scikit-learn's KNeighborsClassifier", () => {
  const { k, temperature: temperatures } = fixture.setting<{ k: number[]; temperature: number[] }>("knn");
  test.each(temperatures)("at temperature %s, for every k", async (temperature) => {
    const { predictions } = await knn({ bank, bankLabels, queries, k, temperature });
    for (const [count, predicted] of predictions)
      expect(Array.from(predicted)).toEqual(fixture.numbers(`knn/k${count}_t${temperature}/predictions`));
    expect(predictions.size).toBe(k.length);
  });
});

describe("the linear probe", () => {
  test("is as accurate as scikit-learn's logistic regression, and differs only near the boundary", async () => {
    const probe = { train: bank, trainLabels: bankLabels, test: queries, testLabels: queryLabels };
    const options = { ...probe, classes: CLASSES, seed: 0, weightDecay: 1 / bank.rows };
    const reference = fixture.scalar("linear/accuracy");
    expect(reference).toBeLessThan(1);
    const swept = await linearProbe(options);
    expect(Math.abs(swept.accuracy - reference)).toBeLessThanOrEqual(1 / queries.rows + 1e-6);
    // Near the optimum the difference comes from the penalty, which acts differently on standardised
    // features.
    const { predictions } = await linearProbe({ ...options, learningRates: [0.1], epochs: 300 });
    const theirs = fixture.numbers("linear/predictions");
    expect(theirs.filter((label, row) => predictions[row] !== label).length).toBeLessThanOrEqual(2);
  });

  test("reaches scikit-learn's minimum with the same features and penalty", async () => {
    const weightDecay = 1 / bank.rows;
    const heads = await trainHeads({
      features: bank,
      labels: bankLabels,
      classes: CLASSES,
      learningRates: [0.5],
      epochs: 600,
      batchSize: bank.rows,
      weightDecay,
      seed: 0,
      threads: 1,
    });
    expect(relativeError(heads.weight, fixture.floats("linear/weight"))).toBeLessThan(1e-3);
    expect(relativeError(heads.bias, fixture.floats("linear/bias"))).toBeLessThan(1e-3);
    const [judged] = await judgeHeads(heads, bank, bankLabels, 1);
    const penalty = heads.weight.reduce((sum, w) => sum + w * w, 0) / 2;
    const objective = judged!.loss * bank.rows + penalty;
    expect(objective / fixture.scalar("linear/objective")).toBeCloseTo(1, 5);
    const [tested] = await judgeHeads(heads, queries, queryLabels, 1);
    expect(Array.from(tested!.predictions)).toEqual(fixture.numbers("linear/predictions"));
  });
});

describe("retrieval has the recall and average precision of scikit-learn", () => {
  const ks = fixture.setting<number[]>("recall_at");
  const few = { rows: 60, cols: bank.cols, data: bank.data.slice(0, 60 * bank.cols) };
  const cases = [
    { name: "queries", features: queries, labels: queryLabels, gallery: bank, galleryLabels: bankLabels },
    { name: "leave_one_out", features: few, labels: bankLabels.slice(0, 60) },
  ];
  test.each(cases)("$name", async ({ name, ...options }) => {
    const { recall, meanAveragePrecision, queries: counted } = await labelledRetrieval({ ...options, ks });
    expect(counted).toBe(options.features.rows);
    expect([...recall.values()].map(Math.fround)).toEqual(fixture.numbers(`retrieval/${name}/recall`));
    const reference = fixture.scalar(`retrieval/${name}/mean_average_precision`);
    expect(meanAveragePrecision / reference).toBeCloseTo(1, 6);
  });
});

test("RankMe and the deviation of an embedding are numpy's", () => {
  expect(rankMe(bank).rankMe / fixture.scalar("health/rankme")).toBeCloseTo(1, 5);
  expect(rankMe(matrix("health/thin")).rankMe / fixture.scalar("health/rankme_thin")).toBeCloseTo(1, 4);
  const deviations = fixture.floats("health/deviation_sample");
  const mean = deviations.reduce((a, b) => a + b) / deviations.length;
  expect(health(bank).deviation / mean).toBeCloseTo(1, 5);
});

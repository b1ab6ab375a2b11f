import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { knn } from "../evaluate/knn.ts";
import { linearProbe } from "../evaluate/linear-probe.ts";
import type { Matrix } from "../formats/matrix.ts";
import { compareBaselines } from "./compare-baselines.ts";
import { type FrozenFeatures, judgeLinearProbe, judgeNeighbours } from "./judge-baselines.ts";
import type { Answers, LabelTask } from "./label-task.ts";

const [N, M, D] = [120, 60, 8];
/** Features of three clusters, and what follows from them. */
const classAt = (row: number) => row % 3;
const features = (name: string, rows: number): Matrix => ({
  ...{ rows, cols: D },
  data: deterministic(name, rows * D, 0.8).map(
    (x, at) => x + (at % D === classAt(Math.floor(at / D)) ? 1 : 0),
  ),
});
const [train, tested] = [features("train", N), features("test", M)];
const classes = (rows: number): Answers => ({
  kind: "classes",
  classes: Int32Array.from({ length: rows }, (_, row) => classAt(row)),
});
/** Label c for class c, and number c as a sum of features. */
const rowsOf = (kind: "several" | "numbers", { rows, data }: Matrix): Answers => ({
  kind,
  rows: {
    ...{ rows, cols: 2 },
    data: Float32Array.from({ length: 2 * rows }, (_, at) => {
      const row = Math.floor(at / 2);
      if (kind === "several") return classAt(row) === at % 2 ? 1 : 0;
      return 500 + 100 * (data[row * D]! - 2 * data[row * D + 1 + (at % 2)]!);
    }),
  },
});
const known = { train, test: tested, seed: 4, threads: 1 };
const ofClasses: FrozenFeatures = {
  ...known,
  task: { kind: "classes", names: ["a", "b", "c"] },
  trainAnswers: classes(N),
  testAnswers: classes(M),
};
const taskOf = (kind: "several" | "numbers"): LabelTask => ({ kind, names: ["one", "two"] });
const ofRows = (kind: "several" | "numbers"): FrozenFeatures => ({
  ...known,
  task: taskOf(kind),
  trainAnswers: rowsOf(kind, train),
  testAnswers: rowsOf(kind, tested),
});

describe("baselines on frozen features", () => {
  test("of classes are the linear probe and kNN of evaluations", async () => {
    const trainLabels = Int32Array.from({ length: N }, (_, row) => classAt(row));
    const testLabels = Int32Array.from({ length: M }, (_, row) => classAt(row));
    const labels = { trainLabels, testLabels, classes: 3, seed: 4, threads: 1 };
    const probe = await linearProbe({ train, test: tested, ...labels });
    const linear = await judgeLinearProbe(ofClasses);
    expect(linear.headline).toMatchObject({ measure: "accuracy", value: expect.closeTo(probe.accuracy, 12) });
    expect(probe.accuracy).toBeGreaterThan(0.6);
    const asked = { bank: train, bankLabels: trainLabels, queries: tested, queryLabels: testLabels };
    const { accuracy } = await knn({ ...asked, k: 20, temperature: 0.07, threads: 1 });
    const near = await judgeNeighbours(ofClasses);
    expect(near.headline.value).toBeCloseTo(accuracy.get(20)!, 12);
    expect(near.outcomes).toHaveLength(M);
  });

  test("of several labels find those that the features tell", async () => {
    for (const judge of [judgeLinearProbe, judgeNeighbours]) {
      const { headline, outcomes } = await judge(ofRows("several"));
      expect(headline.measure).toBe("mAP");
      expect(headline.value).toBeGreaterThan(0.7); // a third of the pictures have each label
      expect(headline.standardError).toBeGreaterThan(0);
      expect(outcomes).toHaveLength(M);
    }
  });

  test("of numbers are in the unit of the labels, deviations for several columns", async () => {
    const scale = { mean: [0, 0], deviation: [100, 100] };
    const asked = ofRows("numbers");
    const linear = await judgeLinearProbe({ ...asked, task: { ...asked.task, scale } });
    expect(linear.headline).toMatchObject({ measure: "mean absolute error", value: expect.closeTo(0, 1) });
    const near = await judgeNeighbours({ ...asked, task: { ...asked.task, scale } });
    expect(near.headline.value).toBeGreaterThan(linear.headline.value);
    expect(near.headline.value).toBeLessThan(1.5);
    const [difference] = compareBaselines(linear, { knn: near });
    expect(difference).toMatchObject({ baseline: "knn", comparison: { verdict: "better" } });
    expect(difference!.comparison.difference).toBeCloseTo(near.headline.value - linear.headline.value, 6);
  });

  test("learn from one picture of each class", async () => {
    const data = Float32Array.from({ length: 3 * D }, (_, at) => (at % D === Math.floor(at / D) ? 1 : 0));
    const few: Matrix = { rows: 3, cols: D, data };
    const { headline } = await judgeLinearProbe({ ...ofClasses, train: few, trainAnswers: classes(3) });
    expect(headline.value).toBeGreaterThan(0.6);
  });

  test("refuse answers that are not those of the features", async () => {
    await expect(judgeNeighbours({ ...ofClasses, trainAnswers: classes(5) })).rejects.toThrow("do not match");
    await expect(judgeLinearProbe({ ...ofClasses, testAnswers: rowsOf("several", tested) })).rejects.toThrow(
      "answers of several",
    );
  });
});

test("baselines are compared on the same pictures, in their order, and missing ones are left out", () => {
  const judged = (...outcomes: number[]) => {
    const value = outcomes.reduce((sum, x) => sum + x, 0) / outcomes.length;
    const headline = { measure: "accuracy" as const, value, standardError: 0.1 };
    return { headline, outcomes: Float64Array.from(outcomes) };
  };
  const own = judged(1, 1, 1, 1, 1, 1, 0, 1);
  const all = compareBaselines(own, {
    scratch: judged(0, 0, 0, 0, 0, 1, 0, 0),
    linear: judged(1, 0, 1, 1, 1, 1, 1, 1),
  });
  expect(all.map(({ baseline, comparison }) => [baseline, comparison.verdict])).toEqual([
    ["linear", "unclear"],
    ["scratch", "better"],
  ]);
  expect(all[1]!.comparison.difference).toBeCloseTo(6 / 8, 12);
  expect(() => compareBaselines(own, { knn: judged(1) })).toThrow("8 outcomes");
});

/** Metrics of predictions against labels, compared with scikit-learn (scripts/make_label_metrics.py). */
import { describe, expect, test } from "vitest";
import {
  calibrationError,
  classScores,
  confusionMatrix,
  fitTemperature,
  meanAveragePrecision,
  negativeLogLikelihood,
  probabilities,
  regressionScores,
  topKAccuracy,
} from "../../src/evaluate/index.ts";
import type { Matrix } from "../../src/formats/matrix.ts";
import { judgePredictions } from "../../src/transfer/judge-predictions.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

/** The fixture has float32. */
const DIGITS = 6;
const fixture = readFixture("label-metrics");

function matrix(name: string): Matrix {
  const [rows, cols] = fixture.shape(name) as [number, number];
  return { rows, cols, data: fixture.floats(name) };
}

const near = (got: number, entry: string) => expect(got, entry).toBeCloseTo(fixture.scalar(entry), DIGITS);

describe("predicted classes", () => {
  const labels = fixture.numbers("labels");
  const predictions = fixture.numbers("classes/predictions");

  test("have scikit-learn's confusion matrix, also for a class that is on neither side", () => {
    const counts = confusionMatrix(labels, predictions, 6);
    expect(Array.from(counts)).toEqual(fixture.numbers("classes/confusion"));
    expect(Array.from(confusionMatrix(labels, predictions))).toHaveLength(25);
  });

  test("have its accuracy, balanced accuracy and macro F1", () => {
    const scores = classScores(labels, predictions);
    near(scores.accuracy, "classes/accuracy");
    near(scores.balancedAccuracy, "classes/balanced_accuracy");
    near(scores.macroF1, "classes/macro_f1");
    expect(Math.abs(scores.accuracy - scores.balancedAccuracy)).toBeGreaterThan(0.01);
  });

  test.each(fixture.setting<number[]>("top"))("have its top-%i accuracy", (k) => {
    near(topKAccuracy(labels, matrix("logits"), k), `classes/top${k}`);
  });
});

describe("the calibration of logits", () => {
  const [labels, logits] = [fixture.numbers("labels"), matrix("logits")];

  test.each(fixture.setting<number[]>("bins"))("has the expected error in %i bins", (bins) => {
    const { error } = calibrationError(labels, matrix("calibration/probabilities"), bins);
    near(error, `calibration/error_${bins}`);
  });

  test("starts from the same probabilities", () => {
    const { data } = probabilities(logits);
    expect(relativeError(data, fixture.floats("calibration/probabilities"))).toBeLessThan(1e-6);
    expect(calibrationError(labels, probabilities(logits)).error).toBeCloseTo(
      fixture.scalar("calibration/error_15"),
      DIGITS,
    );
  });

  test.each(fixture.setting<number[]>("temperatures"))(
    "has the likelihood at temperature %s",
    (temperature) => {
      near(negativeLogLikelihood(labels, logits, temperature), `calibration/nll_t${temperature}`);
    },
  );

  test("is best at the temperature of scipy's bounded search", () => {
    const { temperature, before, after, isAtBound } = fitTemperature(labels, logits);
    near(before, "calibration/nll_t1");
    near(after, "calibration/after");
    expect(Math.abs(temperature / fixture.scalar("calibration/temperature") - 1)).toBeLessThan(1e-5);
    expect(isAtBound).toBe(false);
  });
});

test("several labels a picture have scikit-learn's average precision, also with equal scores", () => {
  const got = meanAveragePrecision(matrix("several/labels"), matrix("several/scores"));
  near(got.macro, "several/macro");
  near(got.micro, "several/micro");
  expect(
    relativeError(got.byClass.slice(0, -1) as number[], fixture.floats("several/by_class")),
  ).toBeLessThan(1e-6);
  expect([got.byClass.at(-1), got.leftOut]).toEqual([null, [6]]);
});

describe("a judged network", () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

  test("has scikit-learn's scores of classes, and its recall and precision of each", () => {
    const classes = Int32Array.from(fixture.numbers("labels"));
    const task = { kind: "classes", names: names(6) } as const;
    const { scores } = judgePredictions(task, matrix("logits"), { kind: "classes", classes });
    if (scores.kind !== "classes") throw new Error(scores.kind);
    near(scores.accuracy.value, "classes/accuracy");
    near(scores.balancedAccuracy.value, "classes/balanced_accuracy");
    near(scores.macroF1, "classes/macro_f1");
    near(scores.top5!.value, "classes/top5");
    near(scores.calibration.error, "calibration/error_15");
    const rates = (rate: "recall" | "precision") => scores.byClass.map((one) => one[rate]);
    expect(
      relativeError(rates("recall").slice(0, 4) as number[], fixture.floats("classes/recall")),
    ).toBeLessThan(1e-6);
    expect(
      relativeError(rates("precision").slice(0, 5) as number[], fixture.floats("classes/precision")),
    ).toBeLessThan(1e-6);
    expect([rates("recall").slice(4), rates("precision")[5]]).toEqual([[null, null], null]);
  });

  test("has its average precision and F1 of several labels", () => {
    const task = { kind: "several", names: names(7) } as const;
    const rows = matrix("several/labels");
    const { scores } = judgePredictions(task, matrix("several/scores"), { kind: "several", rows });
    if (scores.kind !== "several") throw new Error(scores.kind);
    near(scores.map.value, "several/macro");
    near(scores.microPrecision, "several/micro");
    near(scores.f1.macro, "several/f1_macro");
    near(scores.f1.micro, "several/f1_micro");
  });

  test("has its error and R² of numbers", () => {
    const column = (name: string) => ({ rows: 50, cols: 1, data: fixture.floats(name) });
    const answers = { kind: "numbers", rows: column("numbers/targets") } as const;
    const task = { kind: "numbers", names: ["one"] } as const;
    const { scores } = judgePredictions(task, column("numbers/predictions"), answers);
    if (scores.kind !== "numbers") throw new Error(scores.kind);
    near(scores.mae.value, "numbers/mae");
    near(scores.r2!, "numbers/r2");
  });
});

test("predicted numbers have scikit-learn's errors and R²", () => {
  const [targets, predictions] = [fixture.floats("numbers/targets"), fixture.floats("numbers/predictions")];
  const scores = regressionScores(targets, predictions);
  near(scores.mae, "numbers/mae");
  near(scores.rmse, "numbers/rmse");
  near(scores.r2!, "numbers/r2");
  near(
    regressionScores(
      targets,
      predictions.map((x) => -x),
    ).r2!,
    "numbers/r2_backwards",
  );
});

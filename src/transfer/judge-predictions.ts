/** Scores of a network's predictions on labelled pictures. */
import { meanAveragePrecision } from "../evaluate/predictions/average-precision.ts";
import { calibrationError } from "../evaluate/predictions/calibration-error.ts";
import { classScores } from "../evaluate/predictions/class-scores.ts";
import { confusionMatrix } from "../evaluate/predictions/confusion-matrix.ts";
import { precisionOutcomes } from "../evaluate/predictions/precision-outcomes.ts";
import { regressionScores } from "../evaluate/predictions/regression-scores.ts";
import { topKAccuracy } from "../evaluate/predictions/top-k-accuracy.ts";
import { standardError } from "../evaluate/standard-error.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import {
  type CalibrationScores,
  type ClassesScores,
  type ClassRates,
  type Estimate,
  headlineOf,
  type Judged,
  type NumbersScores,
  type PredictionScores,
  type SeveralScores,
} from "./prediction-scores.ts";
import { asPairs, mostProbable, readLogits } from "./read-logits.ts";
import { requireFitting } from "./require-fitting.ts";

/** The number of classes that top-5 needs more of. */
const FIVE = 5;

export interface JudgedPredictions extends Judged {
  scores: PredictionScores;
}

/**
 * Judges logits by the answers.
 *
 * @param logits `[N, K]`, in the units of {@link LabelTask.scale} for numbers.
 * @param temperature of `fitTaskTemperature` on the validation part; null if there is none. It changes only
 * the calibration.
 * @throws AfterimageError `evaluate/shape` when the three do not match; `evaluate/labels`,
 * `evaluate/not-finite`.
 */
export function judgePredictions(
  task: LabelTask,
  logits: Matrix,
  answers: Answers,
  temperature: number | null = null,
): JudgedPredictions {
  requireFitting(task, logits, answers);
  const asked = { task, logits, temperature };
  const { scores, outcomes } =
    answers.kind === "classes"
      ? judgeClasses(answers.classes, asked)
      : answers.kind === "several"
        ? judgeSeveral(answers.rows, asked)
        : judgeNumbers(answers.rows, task, readLogits(task, logits));
  return { scores, outcomes, headline: headlineOf(scores) };
}

interface Asked {
  task: LabelTask;
  logits: Matrix;
  temperature: number | null;
}

function judgeClasses(labels: Int32Array, { task, logits, temperature }: Asked) {
  const predictions = mostProbable(logits);
  const { accuracy, macroF1 } = classScores(labels, predictions);
  const outcomes = rightOnes(labels, predictions);
  const byClass = ratesOf(labels, predictions, task.names);
  const errorAt = (scale: number) => calibrationError(labels, readLogits(task, logits, scale)).error;
  const scores: ClassesScores = {
    kind: "classes",
    pictures: labels.length,
    accuracy: { value: accuracy, standardError: standardError(outcomes) },
    balancedAccuracy: meanRecall(byClass),
    macroF1,
    top5: task.names.length > FIVE ? topFive(labels, logits) : null,
    calibration: calibrationScores(errorAt, temperature),
    byClass,
  };
  return { scores, outcomes };
}

/** 1 for each picture that is predicted right, otherwise 0. */
export function rightOnes(labels: ArrayLike<number>, predictions: ArrayLike<number>): Float64Array {
  return Float64Array.from(labels, (label, at) => (predictions[at] === label ? 1 : 0));
}

/** Equal scores are a part of a hit, so the outcomes are those of {@link topKAccuracy} picture by picture. */
function topFive(labels: Int32Array, { cols, data }: Matrix): Estimate {
  const hits = Float64Array.from(labels, (label, row) =>
    topKAccuracy([label], { rows: 1, cols, data: data.subarray(row * cols, (row + 1) * cols) }, FIVE),
  );
  return estimate(hits);
}

function ratesOf(labels: Int32Array, predictions: Int32Array, names: readonly string[]): ClassRates[] {
  const classes = names.length;
  const counts = confusionMatrix(labels, predictions, classes);
  const predictedAs = new Int32Array(classes);
  for (const [place, count] of counts.entries()) predictedAs[place % classes]! += count;
  return names.map((name, at) => {
    const right = counts[at * classes + at]!;
    const pictures = sumOf(counts.subarray(at * classes, (at + 1) * classes));
    const predicted = predictedAs[at]!;
    return {
      ...{ name, pictures },
      recall: pictures === 0 ? null : right / pictures,
      precision: predicted === 0 ? null : right / predicted,
    };
  });
}

/**
 * The mean of the recalls r of all C classes with pictures. Classes are independent samples of n pictures, so
 * its standard error is √(Σ r (1 - r) / n) / C.
 */
function meanRecall(rates: readonly ClassRates[]): Estimate {
  const seen = rates.flatMap(({ recall, pictures }) => (recall === null ? [] : [{ recall, pictures }]));
  const variance = seen.reduce((sum, { recall, pictures }) => sum + (recall * (1 - recall)) / pictures, 0);
  return {
    value: seen.reduce((sum, { recall }) => sum + recall, 0) / seen.length,
    standardError: Math.sqrt(variance) / seen.length,
  };
}

function judgeSeveral(rows: Matrix, { task, logits, temperature }: Asked) {
  const { macro, micro, byClass } = meanAveragePrecision(rows, logits);
  const outcomes = rows.rows > 1 ? precisionOutcomes(rows, logits) : Float64Array.of(macro);
  const errorAt = (scale: number) => calibrationError(rows.data, readPairs(logits, scale)).error;
  const scores: SeveralScores = {
    kind: "several",
    pictures: rows.rows,
    map: { value: macro, standardError: standardError(outcomes) },
    microPrecision: micro,
    f1: f1AtHalf(rows, logits),
    calibration: calibrationScores(errorAt, temperature),
    byLabel: task.names.map((name, label) => ({
      name,
      pictures: sumOf(rows.data.filter((_, at) => at % rows.cols === label)),
      precision: byClass[label]!,
    })),
  };
  return { scores, outcomes };
}

function readPairs(logits: Matrix, temperature: number): Matrix {
  return readLogits({ kind: "classes", names: ["absent", "present"] }, asPairs(logits), temperature);
}

/** F1 of the labels with a probability above a half, which is a logit above 0. */
function f1AtHalf(rows: Matrix, logits: Matrix): SeveralScores["f1"] {
  const counts = Array.from({ length: rows.cols }, () => ({ right: 0, either: 0 }));
  for (const [at, label] of rows.data.entries()) {
    const predicted = logits.data[at]! > 0 ? 1 : 0;
    counts[at % rows.cols]!.right += label * predicted;
    counts[at % rows.cols]!.either += label + predicted;
  }
  const f1 = ({ right, either }: { right: number; either: number }) => (2 * right) / Math.max(1, either);
  const present = counts.filter(({ either }) => either > 0);
  const all = {
    right: present.reduce((sum, { right }) => sum + right, 0),
    either: present.reduce((sum, { either }) => sum + either, 0),
  };
  return { macro: present.reduce((sum, count) => sum + f1(count), 0) / present.length, micro: f1(all) };
}

/**
 * Judges numbers in the units of the labels.
 *
 * @param predicted `[N, K]`.
 */
export function judgeNumbers(rows: Matrix, task: LabelTask, predicted: Matrix) {
  const errors = Float64Array.from(rows.data, (value, at) => Math.abs(value - predicted.data[at]!));
  const byColumn = task.names.map((name, at) => {
    const [own, guessed] = [columnOf(rows, at), columnOf(predicted, at)];
    const mae = estimate(Float64Array.from(own, (value, row) => Math.abs(value - guessed[row]!)));
    return { name, mae, r2: regressionScores(own, guessed).r2 };
  });
  const outcomes = Float64Array.from({ length: rows.rows }, (_, row) => {
    const own = errors.subarray(row * rows.cols, (row + 1) * rows.cols);
    return -own.reduce((sum, error, at) => sum + error / unitOf(task, at) / rows.cols, 0);
  });
  const defined = byColumn.flatMap(({ r2 }) => r2 ?? []);
  const scores: NumbersScores = {
    kind: "numbers",
    pictures: rows.rows,
    mae: estimate(outcomes.map((outcome) => -outcome)),
    r2: defined.length === 0 ? null : defined.reduce((sum, r2) => sum + r2, 0) / defined.length,
    byColumn,
  };
  return { scores, outcomes };
}

/** One column keeps its unit; of several, which may differ in theirs, the unit is the training deviation. */
function unitOf({ names, scale }: LabelTask, column: number): number {
  return names.length === 1 ? 1 : (scale?.deviation[column] ?? 1);
}

function calibrationScores(
  errorAt: (scale: number) => number,
  temperature: number | null,
): CalibrationScores {
  return { error: errorAt(1), temperature, scaledError: temperature === null ? null : errorAt(temperature) };
}

function estimate(outcomes: Float64Array): Estimate {
  return { value: sumOf(outcomes) / outcomes.length, standardError: standardError(outcomes) };
}

function columnOf({ rows, cols, data }: Matrix, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * cols + column]!);
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

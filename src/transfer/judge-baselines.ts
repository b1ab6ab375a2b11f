/** What an encoder's frozen features give with the same labels: the baselines of fine-tuning. */
import { knn } from "../evaluate/knn.ts";
import { linearProbe } from "../evaluate/linear-probe.ts";
import { type LinearRowsOptions, linearRows } from "../evaluate/linear-rows.ts";
import { neighbourRows } from "../evaluate/neighbour-rows.ts";
import { precisionOutcomes } from "../evaluate/predictions/precision-outcomes.ts";
import { RATE_OF_FEW } from "../evaluate/probe-layer.ts";
import { standardError } from "../evaluate/standard-error.ts";
import { measureColumns, standardize } from "../evaluate/standardize.ts";
import type { Matrix } from "../formats/matrix.ts";
import { judgeNumbers, rightOnes } from "./judge-predictions.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import { type Headline, headlineOf, type Judged } from "./prediction-scores.ts";
import { requireFitting } from "./require-fitting.ts";

export interface FrozenFeatures {
  task: LabelTask;
  /** `[N, D]` of the pictures that train, and their answers. */
  train: Matrix;
  trainAnswers: Answers;
  /** `[M, D]` of the pictures that are tested, and theirs. */
  test: Matrix;
  testAnswers: Answers;
  seed: number;
  threads?: number;
}

/** As in `evaluate`. */
const [NEIGHBOURS, TEMPERATURE] = [20, 0.07];

/** Rows of 0 and 1, or of numbers. */
type RowAnswers = Exclude<Answers, { kind: "classes" }>;

/**
 * One linear layer on the features, by the task's loss. Its learning rate is chosen on a part of the training
 * pictures.
 *
 * @throws AfterimageError `evaluate/shape`, `evaluate/labels`, `evaluate/not-finite` for features and answers
 * that cannot be used.
 */
export async function judgeLinearProbe(features: FrozenFeatures): Promise<Judged> {
  const { task, train, trainAnswers, test, testAnswers, seed, threads = 0 } = checked(features);
  if (trainAnswers.kind !== "classes") {
    const learn = { train, test, seed, threads };
    return judgeRows(task, await linearOutputs(trainAnswers, learn), rowsOf(testAnswers));
  }
  const [trainLabels, testLabels] = [trainAnswers.classes, classesOf(testAnswers)];
  const few = new Set(trainLabels).size === trainLabels.length && { learningRates: [RATE_OF_FEW] };
  const known = { trainLabels, testLabels, classes: task.names.length };
  const { predictions } = await linearProbe({ train, test, ...known, seed, threads, ...few });
  return judgeOutcomes("accuracy", rightOnes(testLabels, predictions));
}

/**
 * The 20 nearest training pictures by cosine similarity. They vote for a class or for labels, or their
 * numbers are averaged, with the weights exp(similarity / 0.07).
 *
 * @throws AfterimageError as {@link judgeLinearProbe}.
 */
export async function judgeNeighbours(features: FrozenFeatures): Promise<Judged> {
  const { task, train, trainAnswers, test, testAnswers, threads = 0 } = checked(features);
  const asked = { k: NEIGHBOURS, temperature: TEMPERATURE, bank: train, queries: test, threads };
  if (trainAnswers.kind !== "classes") {
    const outputs = await neighbourRows({ ...asked, bankRows: trainAnswers.rows });
    return judgeRows(task, outputs, rowsOf(testAnswers));
  }
  const queryLabels = classesOf(testAnswers);
  const known = { bankLabels: trainAnswers.classes, queryLabels, classes: task.names.length };
  const { correct } = await knn({ ...asked, ...known });
  return judgeOutcomes("accuracy", correct.get(NEIGHBOURS)!);
}

/** Judges scores of labels, or numbers in the units of the labels. */
function judgeRows(task: LabelTask, outputs: Matrix, answers: RowAnswers): Judged {
  if (answers.kind === "several") return judgeOutcomes("mAP", precisionOutcomes(answers.rows, outputs));
  const { scores, outcomes } = judgeNumbers(answers.rows, task, outputs);
  return { headline: headlineOf(scores), outcomes };
}

function judgeOutcomes(measure: Headline["measure"], outcomes: Float64Array): Judged {
  const value = outcomes.reduce((sum, outcome) => sum + outcome, 0) / outcomes.length;
  return { headline: { measure, value, standardError: standardError(outcomes) }, outcomes };
}

type Learn = Pick<LinearRowsOptions, "train" | "test" | "seed" | "threads">;

/** Logits of labels; or numbers, which are learned with mean 0 and deviation 1. */
async function linearOutputs({ kind, rows }: RowAnswers, learn: Learn): Promise<Matrix> {
  if (kind === "several") return (await linearRows({ ...learn, trainRows: rows, loss: "sigmoid" })).outputs;
  const columns = measureColumns(rows);
  const trainRows = standardize(rows, columns);
  const { outputs } = await linearRows({ ...learn, trainRows, loss: "squared" });
  const { mean, scale } = columns;
  const inUnits = (value: number, c: number) => (scale[c] === 0 ? 0 : value / scale[c]!) + mean[c]!;
  return { ...outputs, data: outputs.data.map((value, at) => inUnits(value, at % outputs.cols)) };
}

function checked(features: FrozenFeatures): FrozenFeatures {
  const { task, train, trainAnswers, test, testAnswers } = features;
  const cols = task.names.length;
  for (const [{ rows }, answers] of [
    [train, trainAnswers],
    [test, testAnswers],
  ] as const)
    requireFitting(task, { rows, cols, data: new Float32Array() }, answers);
  return features;
}

function classesOf(answers: Answers): Int32Array {
  if (answers.kind === "classes") return answers.classes;
  throw new Error("the answers were checked to be classes");
}

function rowsOf(answers: Answers): RowAnswers {
  if (answers.kind !== "classes") return answers;
  throw new Error("the answers were checked to be rows");
}

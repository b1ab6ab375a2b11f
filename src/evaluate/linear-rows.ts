import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { requireFeatures, requireSameWidth } from "./checks.ts";
import { headLogits } from "./judge-heads.ts";
import { PROBE_LEARNING_RATES } from "./linear-probe.ts";
import { pickRows } from "./pick-rows.ts";
import { measureColumns, standardize } from "./standardize.ts";
import { stratifiedSplit } from "./stratified-split.ts";
import { type HeadLoss, trainHeads } from "./train-heads.ts";

export type RowLoss = Exclude<HeadLoss, "softmax">;

export interface LinearRowsOptions {
  /** `[N, D]` features to learn from, at least two rows. */
  train: Matrix;
  /** `[N, K]`: 0 or 1 for `sigmoid`, numbers of mean 0 and deviation 1 for `squared`. */
  trainRows: Matrix;
  /** `[M, D]`. */
  test: Matrix;
  loss: RowLoss;
  /** Determines the validation rows and the order of batches. */
  seed: number;
  /** 100 by default. */
  epochs?: number;
  threads?: number;
}

/** Squared errors have no bounded slope, so their rates are lower. */
const LEARNING_RATES: Readonly<Record<RowLoss, readonly number[]>> = {
  sigmoid: PROBE_LEARNING_RATES,
  squared: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
};
const BATCH_SIZE = 256;
const VALIDATION = 0.2;

/**
 * The linear probe of rows of labels or numbers: one linear layer on frozen features, as `linearProbe` for
 * classes. The learning rate is the one with the lowest loss on a random fifth of the training rows; then the
 * layer is trained again on all of them.
 *
 * @returns the outputs `[M, K]` for the test rows: logits, or numbers.
 * @throws AfterimageError `evaluate/shape` for rows that do not match or fewer than two,
 * `evaluate/not-finite`.
 */
export async function linearRows(
  options: LinearRowsOptions,
): Promise<{ outputs: Matrix; learningRate: number }> {
  const { train, trainRows, test, loss, seed } = options;
  check(options);
  const all = new Int32Array(train.rows);
  const { kept, held } = stratifiedSplit(all, { share: VALIDATION, seed, stream: "linear-rows/validation" });
  const rates = LEARNING_RATES[loss];
  const part = { train: pickRows(train, kept), trainRows: pickRows(trainRows, kept) };
  const tried = await learnRows({ ...options, ...part, test: pickRows(train, held) }, rates);
  const losses = tried.map((outputs) => meanLoss(outputs, pickRows(trainRows, held), loss));
  const learningRate = rates[losses.indexOf(Math.min(...losses))]!;
  const [outputs] = await learnRows({ ...options, test }, [learningRate]);
  return { outputs: outputs!, learningRate };
}

/** The outputs for the test rows at each learning rate. */
async function learnRows(options: LinearRowsOptions, learningRates: readonly number[]): Promise<Matrix[]> {
  const { train, trainRows, test, loss, seed, epochs = 100, threads = 0 } = options;
  const columns = measureColumns(train);
  const heads = await trainHeads({
    ...{ features: standardize(train, columns), labels: trainRows.data, classes: trainRows.cols, loss },
    ...{ learningRates, epochs, batchSize: BATCH_SIZE, weightDecay: 0, seed, threads },
  });
  return headLogits(heads, standardize(test, columns), threads);
}

/** In the order of {@link HeadLoss}; infinite where training diverged. */
function meanLoss(outputs: Matrix, rows: Matrix, loss: RowLoss): number {
  let sum = 0;
  for (const [at, z] of outputs.data.entries()) {
    const t = rows.data[at]!;
    sum += loss === "squared" ? (z - t) ** 2 / 2 : softplus(z) - t * z;
  }
  return Number.isFinite(sum) ? sum / outputs.rows : Number.POSITIVE_INFINITY;
}

function softplus(z: number): number {
  return Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
}

function check({ train, trainRows, test }: LinearRowsOptions): void {
  requireFeatures("the training features", train);
  requireFeatures("the training rows", trainRows);
  requireFeatures("the test features", test);
  requireSameWidth("the training features", train, "the test features", test);
  if (train.rows === trainRows.rows && train.rows > 1) return;
  throw new AfterimageError("evaluate/shape", {
    what: "a linear probe cannot learn from these rows",
    expected: "a row for each picture, and at least two",
    got: `${trainRows.rows} rows for ${train.rows} pictures`,
  });
}

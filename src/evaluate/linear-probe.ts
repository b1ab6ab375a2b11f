import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { requireCount, requireFeatures, requireLabels, requireSameWidth } from "./checks.ts";
import { type Judgement, judgeHeads } from "./judge-heads.ts";
import { pickRows } from "./pick-rows.ts";
import { measureColumns, standardize } from "./standardize.ts";
import { stratifiedSplit } from "./stratified-split.ts";
import { type HeadsOptions, trainHeads } from "./train-heads.ts";

/** For features of deviation 1 and batches of 256. The sweep chooses among them. */
export const PROBE_LEARNING_RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;

export interface LinearProbeOptions {
  /** `[N, D]` features to learn from. */
  train: Matrix;
  /** N integers in [0, classes). */
  trainLabels: ArrayLike<number>;
  /** `[M, D]`. */
  test: Matrix;
  /** M integers in [0, classes). */
  testLabels: ArrayLike<number>;
  classes: number;
  /** Determines the validation rows and the order of batches. */
  seed: number;
  /** 100 by default. */
  epochs?: number;
  /** The sweep, {@link PROBE_LEARNING_RATES} by default. A single rate is used without validation. */
  learningRates?: readonly number[];
  /** Share of each class of the training rows that is used to choose the rate, in (0, 1); 0.2 by default. */
  validation?: number;
  /** L2 penalty on the weights, in the gradient; 0 by default. */
  weightDecay?: number;
  /** 256 by default. */
  batchSize?: number;
  threads?: number;
}

export interface LinearProbeResult {
  /** Share of test rows classified right, in [0, 1]. */
  accuracy: number;
  /** Share of test rows whose class is among the five most likely. */
  top5: number;
  /** The class predicted for each test row. */
  predictions: Int32Array;
  /**
   * The rate chosen: the one with the best validation accuracy, and of several the lowest validation loss.
   */
  learningRate: number;
  /** Validation accuracy by learning rate; empty if only one rate was given. */
  validationAccuracy: Map<number, number>;
}

/**
 * The linear probe: a linear classifier on frozen features, which measures what they contain. Features are
 * standardised by the training rows. All learning rates are tried at once on a validation split (stratified,
 * seeded); the best one is used to train again on all training rows. Test rows are used once, at the end.
 *
 * @throws AfterimageError `evaluate/labels` for labels that do not fit, or too few to hold any out;
 * `usage/value` for settings out of range; `evaluate/shape`, `evaluate/not-finite` for features that cannot
 * be used.
 */
export async function linearProbe(options: LinearProbeOptions): Promise<LinearProbeResult> {
  check(options);
  const { train, trainLabels, test, testLabels, classes, seed } = options;
  const { epochs = 100, weightDecay = 0, batchSize = 256, threads = 0 } = options;
  const settings = { classes, seed, epochs, weightDecay, batchSize, threads };
  const rates = options.learningRates ?? PROBE_LEARNING_RATES;
  const validated = rates.length > 1 ? await validate(options, settings, rates) : [];
  const learningRate = rates[bestOf(validated)]!;
  const fit = { train, trainLabels, test, testLabels };
  const [judgement] = await fitAndJudge(fit, { ...settings, learningRates: [learningRate] });
  const { accuracy, top5, predictions } = judgement!;
  const validationAccuracy = new Map(validated.map((result, i) => [rates[i]!, result.accuracy]));
  return { accuracy, top5, predictions, learningRate, validationAccuracy };
}

type Fit = Pick<LinearProbeOptions, "train" | "trainLabels" | "test" | "testLabels">;
type Settings = Omit<HeadsOptions, "features" | "labels" | "learningRates">;

/** One judgement for each learning rate, on rows held out of the training rows. */
function validate(
  { train, trainLabels, validation = 0.2 }: LinearProbeOptions,
  settings: Settings,
  learningRates: readonly number[],
): Promise<Judgement[]> {
  const draw = { share: validation, seed: settings.seed, stream: "linear-probe/validation" };
  const { kept, held } = stratifiedSplit(trainLabels, draw);
  if (held.length === 0) {
    throw new AfterimageError("evaluate/labels", {
      what: "no training picture can be held out to choose the learning rate",
      expected: "a class with at least two pictures",
      got: `${train.rows} pictures, each of another class`,
      todo: "Add pictures: at least one class needs two training pictures.",
    });
  }
  const pick = (rows: Int32Array) => rows.map((row) => trainLabels[row]!);
  const fit = {
    train: pickRows(train, kept),
    trainLabels: pick(kept),
    test: pickRows(train, held),
    testLabels: pick(held),
  };
  return fitAndJudge(fit, { ...settings, learningRates });
}

async function fitAndJudge(
  { train, trainLabels, test, testLabels }: Fit,
  settings: Settings & Pick<HeadsOptions, "learningRates">,
): Promise<Judgement[]> {
  const columns = measureColumns(train);
  const features = standardize(train, columns);
  const heads = await trainHeads({ ...settings, features, labels: trainLabels });
  return judgeHeads(heads, standardize(test, columns), testLabels, settings.threads);
}

function bestOf(judgements: readonly Judgement[]): number {
  let best = 0;
  for (const [i, { accuracy, loss }] of judgements.entries()) {
    const other = judgements[best]!;
    if (accuracy > other.accuracy || (accuracy === other.accuracy && loss < other.loss)) best = i;
  }
  return best;
}

function check({ train, trainLabels, test, testLabels, classes, ...rest }: LinearProbeOptions): void {
  requireFeatures("the training features", train);
  requireFeatures("the test features", test);
  requireSameWidth("the training features", train, "the test features", test);
  requireCount("classes", classes, 1);
  requireLabels("the training labels", trainLabels, train.rows, classes);
  requireLabels("the test labels", testLabels, test.rows, classes);
  requireCount("epochs", rest.epochs ?? 1, 1);
  requireCount("the batch size", rest.batchSize ?? 1, 1);
  requireCount("the number of learning rates", rest.learningRates?.length ?? 1, 1);
  const rates = rest.learningRates ?? PROBE_LEARNING_RATES;
  requireNumber(
    "a learning rate",
    "above 0",
    rates.find((rate) => !(rate > 0 && rate < Infinity)),
  );
  const { validation = 0.2, weightDecay = 0 } = rest;
  requireNumber(
    "the validation share",
    "between 0 and 1",
    validation > 0 && validation < 1 ? undefined : validation,
  );
  requireNumber(
    "the weight decay",
    "0 or more",
    weightDecay >= 0 && weightDecay < Infinity ? undefined : weightDecay,
  );
}

function requireNumber(what: string, expected: string, wrong: number | undefined): void {
  if (wrong === undefined) return;
  throw new AfterimageError("usage/value", {
    what: `${what} is out of range`,
    expected: `a number ${expected}`,
    got: String(wrong),
  });
}

/** How good an encoder is, always beside raw pixels and the same network untrained. */
import type { Matrix } from "../data/matrix.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import { countDuplicates } from "../evaluate/count-duplicates.ts";
import { compareOutcomes } from "../evaluate/standard-error.ts";
import { extractFeatures } from "../train/encoder.ts";
import { type LoadedRun, loadRun } from "../train/node/run-folder.ts";
import { initialEncoderValues, type Values } from "../train/values.ts";
import { checkOptions } from "./check-options.ts";
import { type Division, dividePictures, FOLDS, testedRows } from "./divide-pictures.ts";
import { duplicateNotes } from "./duplicate-notes.ts";
import { EVALUATE_RULES, PROTOCOLS, type Protocol } from "./evaluate-rules.ts";
import type { Comparison, EvaluateResult, EvaluationProtocol, Measure } from "./evaluation-result.ts";
import { Notes } from "./notes.ts";
import { withPictures } from "./open-for-run.ts";
import { physicalCores } from "./physical-cores.ts";
import { nameOf, type Pictures } from "./pictures-option.ts";
import type { OnProgress } from "./progress.ts";
import { PIXEL_SIDE, readPixels } from "./read-pixels.ts";
import { requireClasses } from "./require-classes.ts";
import { scoreChance } from "./score-chance.ts";
import { type Outcomes, type ScoringTask, scoreFeatures } from "./score-features.ts";

export { PROTOCOLS, type Protocol } from "./evaluate-rules.ts";
export type { Chance, Comparison, EvaluateResult, Scores } from "./evaluation-result.ts";

export interface EvaluateOptions {
  /** A run folder. */
  run: string;
  /** Labelled pictures: a folder whose first level are the classes, a list with labels; or a data set that is open. */
  data: Pictures;
  protocols?: readonly Protocol[];
  /** Neighbours that vote in kNN. Default 20. */
  k?: number;
  /** Temperature of the kNN vote. Default 0.07. */
  temperature?: number;
  /**
   * Share of the pictures of each class held out for testing (kNN and linear). Default 0.2; where these are fewer than 1,000
   * pictures, every picture is tested instead: leave-one-out in kNN, five stratified folds in the linear probe.
   */
  testShare?: number;
  seed?: number;
  /** {@link physicalCores} by default. */
  threads?: number;
  cacheDir?: string;
  onProgress?: OnProgress;
}

/** Pixels have no direction to speak of: a picture twice as bright is another picture. */
const METRICS = { pixels: "euclidean", untrained: "cosine", trained: "cosine" } as const;

/**
 * Evaluates a run's encoder on labelled pictures by kNN, linear probe and retrieval.
 *
 * @throws AfterimageError `evaluate/labels` when the pictures have fewer than two classes.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  checkOptions("evaluate", options, EVALUATE_RULES, ["run", "data"]);
  const { onProgress = () => {}, cacheDir } = options;
  const notes = new Notes(onProgress);
  const run = await loadRun(options.run, notes.add);
  const { config } = run;
  return withPictures(options.data, { config, notes, onProgress, cacheDir }, async (dataset) => {
    const task = taskOf(options, dataset);
    const { threads } = task;
    const { chance, outcomes } = scoreChance(task);
    const rows = await readPixels(dataset);
    const pixels = await scoreFeatures(rows, METRICS.pixels, task);
    const initial = initialEncoderValues(run.backbone, config);
    const first = await encode(run, initial, dataset, threads, () => {});
    const untrained = await scoreFeatures(first, METRICS.untrained, task);
    const last = await encode(run, run.values, dataset, threads, onProgress);
    const trained = await scoreFeatures(last, METRICS.trained, task);
    const duplicates = { pixels: countDuplicates(rows), features: countDuplicates(last) };
    notes.addAll(duplicateNotes(duplicates, dataset.size));
    return {
      run: options.run,
      data: nameOf(options.data),
      protocol: protocolOf(task, run),
      chance,
      pixels: pixels.scores,
      untrained: untrained.scores,
      trained: trained.scores,
      comparisons: compareAll(trained.outcomes, {
        pixels: pixels.outcomes,
        untrained: untrained.outcomes,
        chance: outcomes,
      }),
      duplicates,
      skipped: dataset.skipped.length,
      skippedPictures: dataset.skipped,
      notes: notes.list,
    };
  });
}

function taskOf(options: EvaluateOptions, dataset: PictureDataset): ScoringTask {
  const { k = 20, temperature = 0.07, testShare, seed = 0, threads = physicalCores() } = options;
  const { labels, classes } = requireClasses(dataset, nameOf(options.data));
  const division = dividePictures(labels, testShare, seed);
  requireTested(division, nameOf(options.data));
  const protocols = [...new Set(options.protocols ?? PROTOCOLS)];
  return { labels, classes, division, protocols, k, temperature, seed, threads };
}

function protocolOf(task: ScoringTask, { checkpoint, config }: LoadedRun): EvaluationProtocol {
  const { labels, classes, division, k, temperature, seed } = task;
  const isHeld = division.kind === "held-out";
  const train = isHeld ? division.split.kept.length : labels.length - 1;
  return {
    k,
    voters: Math.min(k, train),
    temperature,
    division: division.kind,
    folds: isHeld ? null : FOLDS,
    testShare: isHeld ? division.testShare : null,
    seed,
    train,
    test: testedRows(division).length,
    pictures: labels.length,
    classes,
    step: checkpoint.step,
    epochs: config.epochs,
    pixelSide: PIXEL_SIDE,
    metrics: METRICS,
  };
}

/** The trained network beside each of the others, by every measure that both have. */
function compareAll(trained: Outcomes, others: Record<Comparison["with"], Outcomes>): Comparison[] {
  return (Object.keys(trained) as Measure[]).flatMap((measure) =>
    (Object.keys(others) as Comparison["with"][]).flatMap((other) => {
      const outcomes = others[other][measure];
      if (outcomes === undefined) return [];
      return [{ measure, with: other, ...compareOutcomes(trained[measure]!, outcomes) }];
    }),
  );
}

function requireTested(division: Division, where: string): void {
  if (testedRows(division).length > 0) return;
  throw new AfterimageError("evaluate/labels", {
    what: "no picture can be tested by others of its class",
    where,
    expected: "a class with at least two pictures",
    got: "one picture of each class",
  });
}

function encode(
  { backbone, config }: LoadedRun,
  values: Values,
  dataset: PictureDataset,
  threads: number,
  onProgress: OnProgress,
): Promise<Matrix> {
  return extractFeatures(dataset, {
    backbone,
    values,
    imageSize: config.imageSize,
    threads,
    onProgress: (done, total) => onProgress({ type: "features", done, total }),
  });
}

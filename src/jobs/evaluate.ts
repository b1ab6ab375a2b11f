/** How good an encoder is, always beside raw pixels and the same network untrained. */

import type { PictureDataset } from "../data/picture-dataset.ts";
import { countDuplicates } from "../evaluate/count-duplicates.ts";
import { compareOutcomes } from "../evaluate/standard-error.ts";
import type { Matrix } from "../formats/matrix.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { extractFeatures } from "../train/encoder.ts";
import { type LoadedRun, loadRun } from "../train/node/run-folder.ts";
import { initialEncoderValues, type Values } from "../train/values.ts";
import { checkOptions } from "./check-options.ts";
import { EVALUATE_RULES, PROTOCOLS, type Protocol } from "./evaluate-rules.ts";
import { divideByParts, dividePictures, FOLDS, partsOf, testedRows } from "./evaluation/divide-pictures.ts";
import { duplicateNotes } from "./evaluation/duplicate-notes.ts";
import type {
  Comparison,
  EvaluateResult,
  EvaluationProtocol,
  Measure,
} from "./evaluation/evaluation-result.ts";
import { requireClasses, requireTested } from "./evaluation/require-classes.ts";
import { scoreChance } from "./evaluation/score-chance.ts";
import { type Outcomes, type ScoringTask, scoreFeatures } from "./evaluation/score-features.ts";
import { nameOf, type Pictures } from "./given-pictures.ts";
import { Notes } from "./notes/notes.ts";
import type { PictureOptions } from "./picture-options.ts";
import { type OwnSplit, openEvaluation } from "./pictures/open-evaluation.ts";
import { withPictures } from "./pictures/open-for-run.ts";
import { PIXEL_SIDE, readPixels } from "./pictures/read-pixels.ts";
import type { OnProgress } from "./progress.ts";

export { PROTOCOLS, type Protocol } from "./evaluate-rules.ts";
export type { Chance, Comparison, EvaluateResult, Scores } from "./evaluation/evaluation-result.ts";

export interface EvaluateOptions extends PictureOptions {
  /** A run folder. */
  run: string;
  /**
   * Labelled pictures: a folder whose first level are the classes, a list with labels; or a data set that is open. Of a
   * set in parts, `train` teaches kNN and the linear probe, and `val` tests them, or `test` where `val` is missing or has
   * no labels. `split` chooses the part that tests, or `all` to divide all pictures by `testShare`.
   */
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
  /** The physical cores by default. */
  threads?: number;
  /** What transparency is laid over; as in the run if left out. */
  background?: string;
  onProgress?: OnProgress;
}

/** Pixels have no direction to speak of: a picture twice as bright is another picture. */
const METRICS = { pixels: "euclidean", untrained: "cosine", trained: "cosine" } as const;

const SHARE_IGNORED =
  "the test share has no effect, because the data set has its own splits; --split all divides all pictures by the share";

/**
 * Evaluates a run's encoder on labelled pictures by kNN, linear probe and retrieval.
 *
 * @throws AfterimageError `evaluate/labels` when the pictures have fewer than two classes.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  checkOptions("evaluate", options, EVALUATE_RULES, ["run", "data"]);
  const { onProgress = () => {} } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const run = await loadRun(options.run, notes.add);
  const { config } = run;
  const opening = { ...options, config, notes, onProgress, open: openEvaluation };
  return withPictures(options.data, opening, async (dataset, own) => {
    const { task, present } = taskOf({ ...options, threads }, { dataset, own, notes });
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
      protocol: { ...protocolOf(task, run), classes: present },
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

interface Examined {
  dataset: PictureDataset;
  own: OwnSplit | null;
  notes: Notes;
}

/** What is to be scored, and how many classes have a picture. */
function taskOf(options: EvaluateOptions & { threads: number }, { dataset, own, notes }: Examined) {
  const { k = 20, temperature = 0.07, testShare, seed = 0, threads } = options;
  const where = nameOf(options.data);
  const { labels, classes, present } = requireClasses(dataset, where);
  const division = own === null ? dividePictures(labels, testShare, seed) : divideByParts(labels.length, own);
  notes.addAll(requireTested(labels, partsOf(division), { classNames: dataset.classNames, where }));
  if (own !== null && testShare !== undefined) notes.add(SHARE_IGNORED);
  const protocols = [...new Set(options.protocols ?? PROTOCOLS)];
  const task: ScoringTask = { labels, classes, division, protocols, k, temperature, seed, threads };
  return { task, present };
}

function protocolOf(
  task: ScoringTask,
  { checkpoint, config }: LoadedRun,
): Omit<EvaluationProtocol, "classes"> {
  const { labels, division, k, temperature, seed } = task;
  const { kind } = division;
  const train = kind === "cross-validation" ? labels.length - 1 : division.split.kept.length;
  return {
    k,
    voters: Math.min(k, train),
    temperature,
    division: kind,
    folds: kind === "cross-validation" ? FOLDS : null,
    testShare: kind === "held-out" ? division.testShare : null,
    splits: kind === "splits" ? { train: division.train, test: division.test } : null,
    seed,
    train,
    test: testedRows(division).length,
    pictures: labels.length,
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

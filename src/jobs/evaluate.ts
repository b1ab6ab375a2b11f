/** Evaluates an encoder, always in comparison with raw pixels and the same network untrained. */

import type { PictureDataset } from "../data/picture-dataset.ts";
import { countDuplicates } from "../evaluate/count-duplicates.ts";
import { compareOutcomes } from "../evaluate/standard-error.ts";
import type { Matrix } from "../formats/matrix.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { checkOptions } from "../options/check-options.ts";
import { optionValues } from "../options/option-name.ts";
import { Notes } from "../runs/notes.ts";
import type { OnProgress } from "../runs/progress.ts";
import { extractFeatures } from "../train/encoder.ts";
import { initialEncoderValues, type Values } from "../train/values.ts";
import { type EvaluateOptions, evaluateOptions, FEATURE_PROTOCOLS } from "./evaluate-options.ts";
import { divideByParts, dividePictures, FOLDS, partsOf, testedRows } from "./evaluation/divide-pictures.ts";
import { duplicateNotes } from "./evaluation/duplicate-notes.ts";
import type {
  Comparison,
  EvaluateResult,
  EvaluationProtocol,
  Measure,
} from "./evaluation/evaluation-result.ts";
import { requireClasses, requireClusters, requireTested } from "./evaluation/require-classes.ts";
import { scoreChance } from "./evaluation/score-chance.ts";
import { type Outcomes, type ScoringTask, scoreFeatures } from "./evaluation/score-features.ts";
import { evaluateSemi } from "./few-labels/evaluate-semi.ts";
import { nameOf } from "./given-pictures.ts";
import { type OpenEncoder, openEncoder } from "./open-encoder.ts";
import { type OwnSplit, openEvaluation } from "./pictures/open-evaluation.ts";
import { withPictures } from "./pictures/open-for-run.ts";
import { PIXEL_SIDE, readPixels } from "./pictures/read-pixels.ts";

export { type EvaluateOptions, FEATURE_PROTOCOLS, PROTOCOLS, type Protocol } from "./evaluate-options.ts";
export type { Chance, Comparison, EvaluateResult, Scores } from "./evaluation/evaluation-result.ts";

/** The direction of a vector of pixels means little: a picture twice as bright is another picture. */
const METRICS = { pixels: "euclidean", untrained: "cosine", trained: "cosine" } as const;

const SHARE_IGNORED = `the test share has no effect, because the data set has its own splits; ${optionValues({ split: "all" })} divides all pictures by the share`;

/**
 * Evaluates an encoder on labelled pictures by kNN, linear probe, retrieval and clusters.
 *
 * @throws AfterimageError `evaluate/labels` when the pictures have fewer than two classes, `usage/value` when
 * there are fewer pictures than clusters.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  checkOptions("evaluate", options, evaluateOptions);
  const { onProgress = () => {} } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const encoder = await openEncoder(options.run, notes.add);
  const opening = { ...options, encoder, notes, onProgress, open: openEvaluation };
  return withPictures(options.data, opening, async (dataset, own) => {
    const { task, present } = taskOf({ ...options, threads }, { dataset, own, notes });
    const { chance, outcomes } = scoreChance(task);
    const rows = await readPixels(dataset);
    const pixels = await scoreFeatures(rows, METRICS.pixels, task);
    const initial = initialEncoderValues(encoder.backbone, encoder);
    const first = await encode(encoder, initial, dataset, threads, () => {});
    const untrained = await scoreFeatures(first, METRICS.untrained, task);
    const last = await encode(encoder, encoder.values, dataset, threads, onProgress);
    const trained = await scoreFeatures(last, METRICS.trained, task);
    const duplicates = { pixels: countDuplicates(rows), features: countDuplicates(last) };
    notes.addAll(duplicateNotes(duplicates, dataset.size));
    const semi = task.protocols.includes("semi")
      ? await evaluateSemi({ ...options, threads }, dataset, task, notes)
      : null;
    return {
      run: encoder.name,
      data: nameOf(options.data),
      protocol: { ...protocolOf(task, encoder), classes: present },
      chance,
      pixels: pixels.scores,
      untrained: untrained.scores,
      trained: trained.scores,
      comparisons: compareAll(trained.outcomes, {
        pixels: pixels.outcomes,
        untrained: untrained.outcomes,
        chance: outcomes,
      }),
      ...(semi && { semi }),
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

/** The task of scoring, and the number of classes that have a picture. */
function taskOf(options: EvaluateOptions & { threads: number }, { dataset, own, notes }: Examined) {
  const { k = 20, temperature = 0.07, testShare, seed = 0, threads } = options;
  const where = nameOf(options.data);
  const { labels, classes, present } = requireClasses(dataset, where);
  const division = own === null ? dividePictures(labels, testShare, seed) : divideByParts(labels.length, own);
  notes.addAll(requireTested(labels, partsOf(division), { classNames: dataset.classNames, where }));
  if (own !== null && testShare !== undefined) notes.add(SHARE_IGNORED);
  const protocols = [...new Set(options.protocols ?? FEATURE_PROTOCOLS)];
  const clusters = protocols.includes("clusters") ? (options.clusters ?? present) : null;
  if (clusters !== null) requireClusters(clusters, labels.length, where);
  const task: ScoringTask = { labels, classes, division, protocols, k, temperature, clusters, seed, threads };
  return { task, present };
}

function protocolOf(task: ScoringTask, { step, epochs }: OpenEncoder): Omit<EvaluationProtocol, "classes"> {
  const { labels, division, k, temperature, clusters, seed } = task;
  const { kind } = division;
  const train = kind === "cross-validation" ? labels.length - 1 : division.split.kept.length;
  return {
    k,
    voters: Math.min(k, train),
    temperature,
    clusters,
    division: kind,
    folds: kind === "cross-validation" ? FOLDS : null,
    testShare: kind === "held-out" ? division.testShare : null,
    splits: kind === "splits" ? { train: division.train, test: division.test } : null,
    seed,
    train,
    test: testedRows(division).length,
    pictures: labels.length,
    step,
    epochs,
    pixelSide: PIXEL_SIDE,
    metrics: METRICS,
  };
}

/** Compares the trained network with each of the others, by every measure that both have. */
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
  { backbone, imageSize, preprocessing }: OpenEncoder,
  values: Values,
  dataset: PictureDataset,
  threads: number,
  onProgress: OnProgress,
): Promise<Matrix> {
  return extractFeatures(dataset, {
    backbone,
    values,
    imageSize,
    preprocessing,
    threads,
    onProgress: (done, total) => onProgress({ type: "features", done, total }),
  });
}

/** Predicts the labels of pictures by a fine-tuned network. */
import type { OpenOptions } from "../data/node/open-options.ts";
import { openPictures } from "../data/node/open-pictures.ts";
import type { PictureDataset, SkippedPicture } from "../data/picture-dataset.ts";
import type { Matrix } from "../formats/matrix.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { checkOptions } from "../options/check-options.ts";
import { optionName } from "../options/option-name.ts";
import { Notes } from "../runs/notes.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import { predictLogits } from "../transfer/classifier.ts";
import { strangeness } from "../transfer/find-unlike.ts";
import type { LabelTask } from "../transfer/label-task.ts";
import { predictionsOf } from "../transfer/predictions.ts";
import { readLogits } from "../transfer/read-logits.ts";
import { type OpenClassifier, openClassifier } from "./open-classifier.ts";
import { withPictures } from "./pictures/open-for-run.ts";
import { requireFilePlace } from "./places/require-file-place.ts";
import { requireNoPicture, requireNoRunFile } from "./places/require-no-input.ts";
import { type PredictOptions, predictOptions } from "./predict-options.ts";
import type { PicturePrediction } from "./results/prediction-columns.ts";
import { formulaNote, predictionFile, requirePredictionKind } from "./results/prediction-files.ts";

export type { PredictOptions } from "./predict-options.ts";

export interface PredictResult {
  /** The file; null if the predictions are in the result. */
  out: string | null;
  task: LabelTask;
  pictures: number;
  /** The number of pictures that are unlike all training pictures; null if the run cannot tell. */
  unlike: number | null;
  /**
   * The largest cosine distance to a training picture at which a picture counts as like them; null as above.
   */
  unlikeAbove: number | null;
  /** One for each readable picture, in the order of their names; null if they are in a file. */
  predictions: readonly PicturePrediction[] | null;
  skipped: number;
  /** The pictures that were skipped, with the reasons. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}

/**
 * Gives the labels of each readable picture with their probabilities, at the temperature of the run, and
 * marks pictures that are unlike all training pictures.
 *
 * @throws AfterimageError `train/run-folder` for a run without a head for labels; `usage/value` for an
 * unknown file ending, if a folder is in the place of the file, and for an `out` that is a file of the run or
 * of the pictures; `export/write` when the file cannot be written, which is tested before the work; also the
 * errors of loading run and pictures.
 */
export async function predict(options: PredictOptions): Promise<PredictResult> {
  checkOptions("predict", options, predictOptions);
  const { out, onProgress = () => {} } = options;
  if (out !== undefined) await requirePlace(out, options.run);
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  const classifier = await openClassifier(options.run, notes.add);
  const top = topOf(options, classifier.task, notes);
  const opening = {
    split: "all" as const,
    ...options,
    open,
    encoder: classifier,
    notes,
    onProgress,
  };
  return withPictures(options.pictures, opening, async (dataset) => {
    if (out !== undefined && typeof options.pictures === "string")
      requireNoPicture(out, options.pictures, dataset);
    const predictions = await predictAll(dataset, classifier, { ...options, top, threads });
    const { task, familiar } = classifier;
    if (out !== undefined) {
      await writeFileWhole(out, predictionFile(out, { classifier, predictions, dataset }));
      notes.addAll(formulaNote(out, { task, predictions }));
    }
    return {
      out: out ?? null,
      task,
      pictures: dataset.size,
      unlike: familiar && predictions.filter(({ unlike }) => unlike).length,
      unlikeAbove: familiar?.threshold ?? null,
      predictions: out === undefined ? predictions : null,
      skipped: dataset.skipped.length,
      skippedPictures: dataset.skipped,
      notes: notes.list,
    };
  });
}

/** Labels that the pictures have already are not looked at. */
async function open(path: string, options: OpenOptions) {
  return { dataset: await openPictures(path, { ...options, labels: false }), own: null };
}

async function requirePlace(out: string, run: string): Promise<void> {
  requirePredictionKind(out);
  await requireFilePlace(out, "out");
  requireNoRunFile(out, run);
}

/** The number of classes to give for each picture. */
function topOf({ top = 1 }: PredictOptions, { kind, names }: LabelTask, notes: Notes): number {
  if (kind !== "classes" && top > 1)
    notes.add(`${optionName("top")} has no effect: this run does not predict one class a picture`);
  else if (top > names.length) notes.add(`this run knows ${names.length} classes, so these are all`);
  return Math.min(top, names.length);
}

async function predictAll(
  dataset: PictureDataset,
  classifier: OpenClassifier,
  { top, threads, onProgress = () => {} }: PredictOptions & { top: number; threads: number },
): Promise<PicturePrediction[]> {
  const { task, temperature } = classifier;
  const { logits, features } = await predictLogits(dataset, {
    ...classifier,
    threads,
    onProgress: (done, total) => onProgress({ type: "features", done, total }),
  });
  const predictions = predictionsOf(task, readLogits(task, logits, temperature), top);
  const distances = await distancesOf(features, classifier, threads);
  return predictions.map((prediction, at) => ({
    name: dataset.names[at]!,
    ...prediction,
    ...distances[at]!,
  }));
}

/** How far each picture is from the nearest training picture, and whether that is unlike them. */
async function distancesOf(
  features: Matrix,
  { familiar }: OpenClassifier,
  threads: number,
): Promise<Pick<PicturePrediction, "distance" | "unlike">[]> {
  if (familiar === null)
    return Array.from({ length: features.rows }, () => ({ distance: null, unlike: null }));
  const distances = await strangeness(features, familiar, threads);
  return Array.from(distances, (distance) => ({ distance, unlike: distance > familiar.threshold }));
}

import type { OpenOptions } from "../../data/node/open-options.ts";
import { openPictures } from "../../data/node/open-pictures.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import type { Notes } from "../../runs/notes.ts";
import type { OnProgress } from "../../runs/progress.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { Pictures } from "../given-pictures.ts";
import { pictureNotes, skippedNotes } from "../notes/picture-notes.ts";
import { openOptions, type PictureOptions } from "../picture-options.ts";
import { backgroundAsked } from "./background-asked.ts";
import type { EvaluationPictures, OwnSplit } from "./open-evaluation.ts";

interface OpenForRunOptions extends PictureOptions {
  /** The encoder whose canvas and background are used. */
  encoder: Pick<RunConfig, "canvas" | "background">;
  notes: Notes;
  onProgress: OnProgress;
  /** The background for transparency; by default as in the run. */
  background?: string;
  /** Opens pictures by their path; by default as one data set. */
  open?: (path: string, options: OpenOptions) => Promise<EvaluationPictures>;
}

/** The work on the pictures; `own` is the data set's own division, if it is to be used. */
type Work<T> = (dataset: PictureDataset, own: OwnSplit | null) => Promise<T>;

/**
 * Calls `work` with the pictures, opened with the canvas and background that the run was trained with, and
 * adds notes about them for the user. A data set that was open stays open.
 */
export async function withPictures<T>(
  pictures: Pictures,
  options: OpenForRunOptions,
  work: Work<T>,
): Promise<T> {
  const { encoder, notes, onProgress, open = openWhole } = options;
  if (typeof pictures !== "string") {
    noteFindings(pictures, options);
    return work(pictures, null);
  }
  const background = backgroundAsked(options, encoder, notes);
  const place = { canvas: encoder.canvas, background, onProgress };
  const { dataset, own } = await open(pictures, openOptions(options, place));
  try {
    noteFindings(dataset, options);
    return await work(dataset, own);
  } finally {
    await dataset.close();
  }
}

async function openWhole(path: string, options: OpenOptions): Promise<EvaluationPictures> {
  return { dataset: await openPictures(path, options), own: null };
}

function noteFindings(
  dataset: PictureDataset,
  { encoder: { canvas }, notes }: Pick<OpenForRunOptions, "encoder" | "notes">,
): void {
  notes.addAll([...pictureNotes(dataset), ...skippedNotes(dataset)]);
  if (dataset.canvas === canvas) return;
  const sides = `${dataset.canvas} pixels, but the run was trained with ${canvas}`;
  notes.add(`the pictures are on canvases of ${sides}: their features differ slightly`);
}

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
  /** Whose canvas and background are used. */
  encoder: Pick<RunConfig, "canvas" | "background">;
  notes: Notes;
  onProgress: OnProgress;
  /** What transparency is laid over; as in the run if left out. */
  background?: string;
  /** Opens pictures by their path; as one data set if left out. */
  open?: (path: string, options: OpenOptions) => Promise<EvaluationPictures>;
}

/** What is done with the pictures; `own` is the data set's own division, if it is to be used. */
type Work<T> = (dataset: PictureDataset, own: OwnSplit | null) => Promise<T>;

/**
 * Calls `work` with the pictures, opened at the canvas and over the background that the run was trained with,
 * and notes what a user should know of them. A data set that was open stays open.
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

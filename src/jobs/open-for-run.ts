import { openPictures } from "../data/node/open-pictures.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Notes } from "./notes.ts";
import { pictureNotes, skippedNotes } from "./picture-notes.ts";
import type { Pictures } from "./pictures-option.ts";
import type { OnProgress } from "./progress.ts";

interface OpenForRunOptions {
  config: RunConfig;
  notes: Notes;
  onProgress: OnProgress;
  cacheDir?: string | undefined;
}

/**
 * Calls `work` with the pictures, opened at the canvas that the run was trained with, and says what a user should know of
 * them. A data set that was open stays open.
 */
export async function withPictures<T>(
  pictures: Pictures,
  { config, notes, onProgress, cacheDir }: OpenForRunOptions,
  work: (dataset: PictureDataset) => Promise<T>,
): Promise<T> {
  const { canvas } = config;
  const dataset =
    typeof pictures !== "string"
      ? pictures
      : await openPictures(pictures, {
          canvas,
          labels: "auto",
          ...(cacheDir === undefined ? {} : { cacheDir }),
          onProgress: (done, total) => onProgress({ type: "cache", done, total }),
        });
  try {
    notes.addAll([...pictureNotes(dataset), ...skippedNotes(dataset)]);
    if (dataset.canvas !== canvas) {
      const sides = `${dataset.canvas} pixels, not at the ${canvas} of the run`;
      notes.add(`the pictures are open at canvases of ${sides}: their features differ a little`);
    }
    return await work(dataset);
  } finally {
    if (typeof pictures === "string") await dataset.close();
  }
}

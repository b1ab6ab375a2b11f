/** Writes features of pictures by an encoder to a file that other tools read. */
import type { SkippedPicture } from "../data/picture-dataset.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { checkOptions } from "../options/check-options.ts";
import { Notes } from "../runs/notes.ts";
import { extractFeatures } from "../train/encoder.ts";
import { writeFilesWhole } from "../train/node/write-file.ts";
import { type EmbedOptions, embedOptions } from "./embed-options.ts";
import { type FeaturePlaces, featureFiles, featurePlaces, skippedPlace } from "./feature-files.ts";
import { openEncoder } from "./open-encoder.ts";
import { withPictures } from "./pictures/open-for-run.ts";
import { requireFilePlace } from "./places/require-file-place.ts";
import { requireNoPicture, requireNoRunFile } from "./places/require-no-input.ts";

export type { EmbedOptions } from "./embed-options.ts";

export interface EmbedResult {
  out: string;
  /**
   * The file next to a `.npy` with the names of its rows; null for the other kinds, which contain names
   * themselves.
   */
  names: string | null;
  pictures: number;
  features: number;
  skipped: number;
  /** The pictures that were skipped, with the reasons. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}

/**
 * Writes one row of features for each readable picture, in the order of the pictures' names.
 *
 * @throws AfterimageError `usage/value` for an unknown file ending, if a folder or another file is in the
 * place of the files, and for an `out` that is a file of the run or of the pictures; `export/write` when the
 * files cannot be written, which is tested before the work; also the errors of loading run and pictures.
 */
export async function embed(options: EmbedOptions): Promise<EmbedResult> {
  checkOptions("embed", options, embedOptions);
  const places = await checkedPlaces(options.out);
  const { onProgress = () => {} } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  if (typeof options.run === "string") requireNoRunFile(options.out, options.run);
  const encoder = await openEncoder(options.run, notes.add);
  const opening = { split: "all" as const, ...options, encoder, notes, onProgress };
  return withPictures(options.pictures, opening, async (dataset) => {
    if (typeof options.pictures === "string") requireNoPicture(options.out, options.pictures, dataset);
    const features = await extractFeatures(dataset, {
      ...encoder,
      threads,
      onProgress: (done, total) => onProgress({ type: "features", done, total }),
    });
    await writeFilesWhole(featureFiles(places, features, dataset));
    if (dataset.skipped.length > 0)
      notes.add(`all skipped pictures are listed with their reasons in ${skippedPlace(places)}`);
    return {
      out: options.out,
      names: places.names,
      pictures: features.rows,
      features: features.cols,
      skipped: dataset.skipped.length,
      skippedPictures: dataset.skipped,
      notes: notes.list,
    };
  });
}

async function checkedPlaces(out: string): Promise<FeaturePlaces> {
  const places = featurePlaces(out);
  await requireFilePlace(places.out, "out");
  if (places.names !== null) await requireFilePlace(places.names, "out");
  return places;
}

/** Features of pictures by a run's encoder, as a file that other tools read. */
import type { SkippedPicture } from "../data/picture-dataset.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { extractFeatures } from "../train/encoder.ts";
import { loadRun } from "../train/node/run-folder.ts";
import { writeFilesWhole } from "../train/node/write-file.ts";
import { checkOptions, type OptionRules } from "./check-options.ts";
import { type FeaturePlaces, featureFiles, featurePlaces, skippedPlace } from "./feature-files.ts";
import { PICTURES, type Pictures } from "./given-pictures.ts";
import { Notes } from "./notes/notes.ts";
import { PICTURE_RULES, type PictureOptions } from "./picture-options.ts";
import { withPictures } from "./pictures/open-for-run.ts";
import { requireFilePlace } from "./places/require-file-place.ts";
import { requireNoPicture, requireNoRunFile } from "./places/require-no-input.ts";
import type { OnProgress } from "./progress.ts";
import { COLOUR, FUNCTION, text, wholeNumber } from "./value-kinds.ts";

export interface EmbedOptions extends PictureOptions {
  /** A run folder. */
  run: string;
  /**
   * A folder, list file, IDX or CIFAR file of pictures; or a data set already open (left open). All parts of pictures
   * that come in parts, unless `split` names one.
   */
  pictures: Pictures;
  /**
   * What has no row, and why, is in the metadata or the `.names.json`, under `skipped`. Kinds of file:
   * `.npy` (features; names and labels of the rows in a `.names.json` beside it), `.safetensors` (features, labels; names
   * and classes in the metadata, as JSON), or `.parquet` (a row for each picture: name, class, features as `list<float>`).
   */
  out: string;
  /** The physical cores by default. */
  threads?: number;
  /** What transparency is laid over; as in the run if left out. */
  background?: string;
  onProgress?: OnProgress;
}

export interface EmbedResult {
  out: string;
  /** The file beside a `.npy` that names its rows; null for the other kinds, which hold names themselves. */
  names: string | null;
  pictures: number;
  features: number;
  skipped: number;
  /** Which, and why. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}

const RULES: OptionRules<EmbedOptions> = {
  run: text("folder"),
  pictures: PICTURES,
  out: text("file"),
  threads: wholeNumber(1),
  background: COLOUR,
  ...PICTURE_RULES,
  onProgress: FUNCTION,
};

/**
 * Writes one row of features for each readable picture, in the order of the pictures' names.
 *
 * @throws AfterimageError `usage/value` for a file ending that is not known, where something is in the way of the files, and
 * for an `out` that is a file of the run or of the pictures; `export/write` when they cannot be written, which is tried before
 * the work; and those of loading run and pictures.
 */
export async function embed(options: EmbedOptions): Promise<EmbedResult> {
  checkOptions("embed", options, RULES, ["run", "pictures", "out"]);
  const places = await checkedPlaces(options.out);
  const { onProgress = () => {} } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  requireNoRunFile(options.out, options.run);
  const { config, backbone, values } = await loadRun(options.run, notes.add);
  const opening = { split: "all" as const, ...options, config, notes, onProgress };
  return withPictures(options.pictures, opening, async (dataset) => {
    if (typeof options.pictures === "string") requireNoPicture(options.out, options.pictures, dataset);
    const features = await extractFeatures(dataset, {
      backbone,
      values,
      imageSize: config.imageSize,
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
  await requireFilePlace(places.out, "--out");
  if (places.names !== null) await requireFilePlace(places.names, "--out");
  return places;
}

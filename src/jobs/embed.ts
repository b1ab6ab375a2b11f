/** Features of pictures by a run's encoder, as a file that other tools read. */
import { extname } from "node:path";
import type { Matrix } from "../data/matrix.ts";
import type { NamedArrays } from "../data/named-array.ts";
import { openPictures } from "../data/node/open-pictures.ts";
import { encodeNpy } from "../data/npy.ts";
import type { PictureDataset, SkippedPicture } from "../data/picture-dataset.ts";
import { encodeSafetensors } from "../data/safetensors.ts";
import { AfterimageError } from "../errors.ts";
import { featuresParquet } from "../export/features-parquet.ts";
import { extractFeatures } from "../train/encoder.ts";
import { loadRun } from "../train/node/run-folder.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import { checkOptions, type OptionRules } from "./check-options.ts";
import { chooseThreads } from "./choose-threads.ts";
import { Notes } from "./notes.ts";
import { pictureNotes, skippedNotes } from "./picture-notes.ts";
import type { OnProgress } from "./progress.ts";
import { requireFilePlace } from "./require-folder-place.ts";
import { requireNoPicture, requireNoRunFile } from "./require-no-input.ts";
import { FUNCTION, text, wholeNumber } from "./value-kinds.ts";

export interface EmbedOptions {
  /** A run folder. */
  run: string;
  pictures: string;
  /**
   * `.npy` (features alone), `.safetensors` (features, labels; names and classes in the metadata, as JSON), or `.parquet`
   * (a row a picture, with its name and class).
   */
  out: string;
  /** {@link physicalCores} by default. */
  threads?: number;
  cacheDir?: string;
  onProgress?: OnProgress;
}

export interface EmbedResult {
  out: string;
  pictures: number;
  features: number;
  skipped: number;
  /** Which, and why. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}

const RULES: OptionRules<EmbedOptions> = {
  run: text("folder"),
  pictures: text("pictures"),
  out: text("file"),
  threads: wholeNumber(1),
  cacheDir: text("folder"),
  onProgress: FUNCTION,
};

const WRITERS: Record<string, (features: Matrix, dataset: PictureDataset) => Uint8Array> = {
  ".npy": ({ rows, cols, data }) => encodeNpy({ dtype: "F32", shape: [rows, cols], data }),
  ".safetensors": featuresSafetensors,
  ".parquet": featuresParquet,
};

/**
 * Writes one row of features per readable picture, in the order of the pictures' names.
 *
 * @throws AfterimageError `usage/value` for a file ending that is not known and for an `out` that is a file of the run or
 *   of the pictures, `export/write` where nothing can be written, and those of loading run and pictures.
 */
export async function embed(options: EmbedOptions): Promise<EmbedResult> {
  checkOptions("embed", options, RULES, ["run", "pictures", "out"]);
  const writer = WRITERS[extname(options.out).toLowerCase()];
  if (writer === undefined) {
    throw new AfterimageError("usage/value", {
      what: "this kind of file cannot be written",
      where: "--out",
      expected: `a name that ends in ${Object.keys(WRITERS).join(", ")}`,
      got: options.out,
    });
  }
  const { onProgress = () => {} } = options;
  const notes = new Notes(onProgress);
  const threads = chooseThreads(options.threads, notes.add);
  requireFilePlace(options.out);
  requireNoRunFile(options.out, options.run);
  const { config, backbone, values } = await loadRun(options.run, notes.add);
  const dataset = await openPictures(options.pictures, {
    canvas: config.canvas,
    labels: "auto",
    ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
    onProgress: (done, total) => onProgress({ type: "cache", done, total }),
  });
  try {
    requireNoPicture(options.out, options.pictures, dataset);
    notes.addAll([...pictureNotes(dataset), ...skippedNotes(dataset)]);
    const features = await extractFeatures(dataset, {
      backbone,
      values,
      imageSize: config.imageSize,
      threads,
      onProgress: (done, total) => onProgress({ type: "features", done, total }),
    });
    await writeFileWhole(options.out, writer(features, dataset));
    return {
      out: options.out,
      pictures: features.rows,
      features: features.cols,
      skipped: dataset.skipped.length,
      skippedPictures: dataset.skipped,
      notes: notes.list,
    };
  } finally {
    await dataset.close();
  }
}

function featuresSafetensors({ rows, cols, data }: Matrix, dataset: PictureDataset): Uint8Array {
  const { labels, names, classNames } = dataset;
  const arrays: NamedArrays = new Map();
  arrays.set("features", { dtype: "F32", shape: [rows, cols], data });
  if (labels !== null) arrays.set("labels", { dtype: "I32", shape: [rows], data: labels });
  const classes = classNames === null ? {} : { classes: JSON.stringify(classNames) };
  return encodeSafetensors(arrays, { names: JSON.stringify(names), ...classes });
}

/** The options of embedding. */

import { backgroundOption as background } from "../data/background-option.ts";
import { needed } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { OnProgress } from "../runs/progress.ts";
import type { EncoderInMemory } from "./given-encoder.ts";
import type { Pictures } from "./given-pictures.ts";
import { callback, pictures, runOrEncoder, text, threads } from "./option-kinds.ts";
import { allFiles, cacheDir, type PictureOptions, split, verify } from "./picture-options.ts";

export interface EmbedOptions extends PictureOptions {
  /**
   * A run folder or the folder of an imported encoder; or an encoder in memory, such as the one that
   * `pretrain` passes to `onEpoch`.
   */
  run: string | EncoderInMemory;
  /**
   * A folder, list file, IDX or CIFAR file of pictures; or a data set already open (left open). All parts of
   * pictures that come in parts, unless `split` names one.
   */
  pictures: Pictures;
  /**
   * Pictures without a row, with the reasons, are in the metadata or the `.names.json`, under `skipped`.
   * Kinds of file: `.npy` (features; names and labels of the rows in a `.names.json` next to it),
   * `.safetensors` (features, labels; names and classes in the metadata, as JSON), or `.parquet` (a row for
   * each picture: name, class, features as `list<float>`).
   */
  out: string;
  /** Default: the physical cores. */
  threads?: number;
  /** The background for transparency; by default as in the run. */
  background?: string;
  onProgress?: OnProgress;
}

/** In the order of the help. */
export const embedOptions = schemaOf<EmbedOptions>()({
  run: runOrEncoder(),
  pictures: pictures({
    description: "folder of pictures, list of files (.txt, .csv, .tsv), IDX or CIFAR files",
    placeholder: "pictures",
    shown: "word",
  }),
  out: needed(text(), {
    description:
      "file to write: .parquet or .safetensors (with names and classes), or .npy (with a .names.json beside it)",
    placeholder: "file",
  }),
  threads: threads(),
  split: split({ description: "split to embed, if the pictures have splits", fallback: "all" }),
  allFiles: allFiles(),
  background: background({ fallback: "as in the run" }),
  verify: verify(),
  cacheDir: cacheDir(),
  onProgress: callback<OnProgress>("called with every part of the work and every note"),
});

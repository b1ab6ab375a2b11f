/** The options of predicting. */
import * as z from "zod";
import { backgroundOption as background } from "../data/background-option.ts";
import { needed, option } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { OnProgress } from "../runs/progress.ts";
import type { Pictures } from "./given-pictures.ts";
import { callback, pictures, text, threads } from "./option-kinds.ts";
import { allFiles, cacheDir, type PictureOptions, split, verify } from "./picture-options.ts";

export interface PredictOptions extends PictureOptions {
  /** The folder of a run made by `finetune`. */
  run: string;
  /**
   * A folder, list file, IDX or CIFAR file of pictures; or a data set already open (left open). All parts of
   * pictures that come in parts, unless `split` names one.
   */
  pictures: Pictures;
  /**
   * The file to write, one row for each picture in the order of their names: `.csv`, `.json` or `.parquet`.
   * Without it the predictions are in the result.
   */
  out?: string;
  /** Classes to give for each picture, the most probable first. Default 1. Only for one class a picture. */
  top?: number;
  /** Default: the physical cores. */
  threads?: number;
  /** The background for transparency; by default as in the run. */
  background?: string;
  onProgress?: OnProgress;
}

/** In the order of the help. */
export const predictOptions = schemaOf<PredictOptions>()({
  run: needed(text(), {
    description: "run folder made by afterimage finetune",
    placeholder: "run",
    shown: "word",
  }),
  pictures: pictures({
    description: "folder of pictures, list of files (.txt, .csv, .tsv), IDX or CIFAR files",
    placeholder: "pictures",
    shown: "word",
  }),
  out: option(text(), {
    description: "file to write: .csv, .json or .parquet",
    fallback: "a table on standard output",
    placeholder: "file",
  }),
  top: option(z.int().min(1), { description: "classes to give for each picture", fallback: "1" }),
  threads: threads(),
  split: split({ description: "split to predict, if the pictures have splits", fallback: "all" }),
  allFiles: allFiles(),
  background: background({ fallback: "as in the run" }),
  verify: verify(),
  cacheDir: cacheDir(),
  onProgress: callback<OnProgress>("called with every part of the work and every note"),
});

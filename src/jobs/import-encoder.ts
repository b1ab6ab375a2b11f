/** Imports weights of other projects as an encoder. */
import { existsSync, readdirSync } from "node:fs";
import type { Preprocessing } from "../augment/preprocessing.ts";
import { bytePath } from "../data/node/byte-path.ts";
import { isRunFolder } from "../data/node/is-run-folder.ts";
import { AfterimageError } from "../errors.ts";
import { checkOptions } from "../options/check-options.ts";
import { optionName } from "../options/option-name.ts";
import { openWeights } from "../weights/node/open-weights.ts";
import { type RecognisedWeights, recogniseWeights } from "../weights/recognise-weights.ts";
import { isEncoderFolder, writeEncoderFolder } from "./encoders/encoder-folder.ts";
import { type ImportOptions, importOptions } from "./import-options.ts";
import { requireFolderPlace } from "./places/require-folder-place.ts";

export type { ImportOptions } from "./import-options.ts";

export interface ImportResult {
  /** The folder of the encoder, which other jobs take in the place of a run. */
  out: string;
  /** What the weights are, in words. */
  recognised: string;
  /** Whose they are. */
  family: string;
  /** The kind of file. */
  form: string;
  /** What preceded the names of all tensors in the file. */
  prefix: string;
  backbone: string;
  /** Learned numbers. */
  parameters: number;
  features: number;
  /** Height and width of the pictures that the encoder sees, in pixels. */
  imageSize: number;
  preprocessing: Preprocessing;
  /** Tensors of the network that its features do not need, with the reasons. */
  leftOut: readonly { name: string; why: string }[];
  /** The number of tensors in other parts of the file. */
  elsewhere: number;
  notes: readonly string[];
}

/**
 * Reads weights, recognises the network and writes it as an encoder: all of the network or nothing. Nothing
 * in a file is executed.
 *
 * @throws AfterimageError `weights/unknown` and `weights/misfit` for weights of no network that is known
 * here; `data/missing`, `data/unreadable` and `data/format` for files that cannot be read; `usage/value` and
 * `export/write` for a folder that the encoder cannot be written to.
 */
export async function importEncoder(options: ImportOptions): Promise<ImportResult> {
  checkOptions("importEncoder", options, importOptions);
  const { weights, out } = options;
  requireEncoderPlace(out);
  requireForeign(weights);
  const opened = openWeights(weights);
  try {
    const { form } = opened;
    const found = recogniseWeights(opened, options);
    const { recognised, family, prefix, backbone, parameters, preprocessing, leftOut, elsewhere } = found;
    const imageSize = imageSizeOf(found, options);
    const about = { recognised, parameters, imageSize, preprocessing };
    const facts = {
      ...{ format: "afterimage-encoder-1" as const, ...about },
      source: { path: weights, form, family, prefix },
      backbone: { name: backbone.name, settings: { ...backbone.settings } },
    };
    await writeEncoderFolder(out, facts, { backbone, values: found.load() });
    const { name, features } = backbone;
    const notes = found.notes;
    return { out, ...about, family, form, prefix, backbone: name, features, leftOut, elsewhere, notes };
  } finally {
    opened.close();
  }
}

/** @throws AfterimageError `usage/value` for a size that leaves a part of the pictures in no patch. */
function imageSizeOf({ imageSize: own, backbone }: RecognisedWeights, { imageSize }: ImportOptions): number {
  const size = imageSize ?? own;
  if (size % backbone.multipleOf === 0) return size;
  throw new AfterimageError("usage/value", {
    what: "the size of the pictures does not divide into the patches",
    where: optionName("imageSize"),
    expected: `a multiple of ${backbone.multipleOf}`,
    got: `${size}`,
  });
}

/** A folder that is new, empty, or an encoder, which is then replaced. */
function requireEncoderPlace(folder: string): void {
  requireFolderPlace(folder);
  if (!existsSync(folder) || isEncoderFolder(folder) || readdirSync(folder).length === 0) return;
  throw new AfterimageError("usage/value", {
    what: "the folder for the encoder has other files in it",
    where: `${optionName("out")} ${folder}`,
    expected: "a new or empty folder, or an encoder that is replaced",
    todo: `Choose another folder with ${optionName("out")}.`,
  });
}

/** Runs and encoders need no importing. */
function requireForeign(path: string): void {
  if (!isEncoderFolder(path) && !isRunFolder(bytePath(path), namesIn(path))) return;
  throw new AfterimageError("usage/value", {
    what: "this is an encoder of Afterimage already, which other commands take as it is",
    where: path,
    expected: "weights of another project",
  });
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // a file, or nothing: opening it tells
  }
}

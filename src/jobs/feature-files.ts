/** The files that features are written to: one, or two if the first cannot contain names. */
import { closeSync, openSync, readSync } from "node:fs";
import { basename, extname } from "node:path";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import { featuresParquetParts } from "../formats/features-parquet.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { NamedArrays } from "../formats/named-array.ts";
import { npyParts } from "../formats/npy.ts";
import { encodeSafetensors } from "../formats/safetensors.ts";
import { optionName } from "../options/option-name.ts";
import type { FileContent } from "../train/node/write-file.ts";

type Encode = (features: Matrix, dataset: PictureDataset) => FileContent;

const ENCODERS: Record<string, Encode> = {
  ".npy": ({ rows, cols, data }) => npyParts({ dtype: "F32", shape: [rows, cols], data }),
  ".safetensors": featuresSafetensors,
  ".parquet": featuresParquetParts,
};
/** The beginning of the file of names, by which it is recognised. */
const NAMES_START = '{\n "rowsOf": "';

/** The places that `embed` writes to. */
export interface FeaturePlaces {
  out: string;
  /**
   * The file next to a `.npy` with the names of its rows; null for the other kinds, which contain names
   * themselves.
   */
  names: string | null;
}

/**
 * The places for `out`.
 *
 * @throws AfterimageError `usage/value` for an unknown file ending, or when a file that `embed` did not write
 * is in the place of the names.
 */
export function featurePlaces(out: string): FeaturePlaces {
  const ending = extname(out);
  if (ENCODERS[ending.toLowerCase()] === undefined) {
    throw new AfterimageError("usage/value", {
      what: "features cannot be written to this kind of file",
      where: optionName("out"),
      expected: `a name that ends in ${Object.keys(ENCODERS).join(", ")}`,
      got: out,
    });
  }
  if (ending.toLowerCase() !== ".npy") return { out, names: null };
  const names = `${out.slice(0, -ending.length)}.names.json`;
  if (isForeign(names)) {
    throw new AfterimageError("usage/value", {
      what: "the file for the names of the rows exists already, and afterimage embed did not write it",
      where: `${optionName("out")} ${out}`,
      got: names,
      todo: `Move that file, or choose another name with ${optionName("out")}.`,
    });
  }
  return { out, names };
}

/** The contents of each place, in order. */
export function featureFiles(
  { out, names }: FeaturePlaces,
  features: Matrix,
  dataset: PictureDataset,
): { path: string; content: FileContent }[] {
  const encode = ENCODERS[extname(out).toLowerCase()]!;
  const file = { path: out, content: encode(features, dataset) };
  return names === null ? [file] : [file, { path: names, content: namesJson(out, dataset) }];
}

/** The place where all skipped pictures are listed. */
export function skippedPlace({ out, names }: FeaturePlaces): string {
  return names ?? `the metadata of ${out} (skipped)`;
}

/**
 * The name of each row, with its label if there are classes; and the pictures without a row, with the
 * reasons.
 */
function namesJson(out: string, { names, labels, classNames, skipped }: PictureDataset): string {
  const known = {
    rowsOf: basename(out),
    names,
    ...(labels !== null && { labels: Array.from(labels) }),
    ...(labels !== null && classNames !== null && { classes: classNames }),
    skipped,
  };
  return `${JSON.stringify(known, null, 1)}\n`;
}

function isForeign(path: string): boolean {
  const start = new TextEncoder().encode(NAMES_START);
  const found = new Uint8Array(start.length);
  try {
    const file = openSync(path, "r");
    try {
      readSync(file, found);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "ENOENT";
  }
  return start.some((byte, at) => byte !== found[at]);
}

function featuresSafetensors({ rows, cols, data }: Matrix, dataset: PictureDataset): Uint8Array {
  const { labels, names, classNames, skipped } = dataset;
  const arrays: NamedArrays = new Map();
  arrays.set("features", { dtype: "F32", shape: [rows, cols], data });
  if (labels !== null) arrays.set("labels", { dtype: "I32", shape: [rows], data: labels });
  const classes = classNames === null ? {} : { classes: JSON.stringify(classNames) };
  const left = skipped.length === 0 ? {} : { skipped: JSON.stringify(skipped) };
  return encodeSafetensors(arrays, { names: JSON.stringify(names), ...classes, ...left });
}

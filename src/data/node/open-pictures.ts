import { readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { MOST_PIXELS, type PictureDataset } from "../picture-dataset.ts";
import { collectClasses } from "./classes.ts";
import { cannotRead } from "./fs-error.ts";
import { listFile } from "./list-file.ts";
import { listFolder } from "./list-folder.ts";
import { cifarFilesOf, openCifar } from "./open-cifar.ts";
import { idxSplitOf, openIdx } from "./open-idx.ts";
import { openListing } from "./open-listing.ts";
import type { OpenOptions, Split } from "./open-options.ts";

export type { OpenOptions, Split } from "./open-options.ts";

/**
 * Opens pictures of any kind by their path:
 *
 * - a folder of pictures, nested (JPEG, PNG, WebP, AVIF, TIFF, GIF, SVG);
 * - a list of pictures (.txt, .lst, .tsv), one path a line, optionally a tab and a label;
 * - a folder with IDX files (the MNIST family), or one file of IDX pictures, gzipped or not;
 * - a folder with CIFAR-10 or CIFAR-100 binary files, or one such file.
 *
 * Pictures of a folder or list are decoded once, into a packed cache that later calls find again as long as the files
 * do not change. IDX and CIFAR pictures are held in memory as they are.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable`, `data/empty`, `data/format`, `data/all-broken`,
 *   `data/cache`, and `usage/value` for a file of another kind and options that are not usable; the signal's reason when stopped.
 */
export async function openPictures(path: string, options: OpenOptions): Promise<PictureDataset> {
  checkCanvas(options.canvas);
  if (look(path).isDirectory()) return openFolder(path, options);
  const name = basename(path);
  if (/\.(?:txt|lst|tsv)$/i.test(name)) return openList(path, options);
  if (/\.bin$/i.test(name)) return openCifar([path], options);
  if (/idx3/.test(name)) return openIdx(path, namesIn(dirname(path)), options);
  throw unknownKind(path);
}

function unknownKind(path: string): AfterimageError {
  const isTable = /\.(?:csv|json|jsonl|parquet|xlsx)$/i.test(path);
  return new AfterimageError("usage/value", {
    what: "this file is no data set of a known kind",
    where: path,
    expected:
      "a folder, a list (.txt, .lst, .tsv), IDX pictures (…-images-idx3-ubyte, .gz) or CIFAR records (.bin)",
    todo: isTable
      ? "To use a list, write one path a line, with a tab and a label where there are labels, to a .tsv file."
      : "To use single pictures, give the folder they are in.",
  });
}

async function openFolder(path: string, options: OpenOptions): Promise<PictureDataset> {
  const { split = "train" } = options;
  const names = namesIn(path);
  const idx = names.filter((name) => idxSplitOf(name) !== null);
  if (idx.length > 0) return openIdx(join(path, chooseIdx(path, idx, split)), names, options);
  const cifar = cifarFilesOf(names, split);
  if (cifar.length > 0)
    return openCifar(
      cifar.map((name) => join(path, name)),
      options,
    );
  refuseSplit(path, options);
  const listing = await listFolder(path, options.signal);
  const { labels = false } = options;
  return openListing(listing, labels === false ? null : collectClasses(listing, labels === true), options);
}

async function openList(path: string, options: OpenOptions): Promise<PictureDataset> {
  refuseSplit(path, options);
  const listing = await listFile(path, options.signal);
  const classes = options.labels === false ? null : collectClasses(listing, options.labels === true);
  return openListing(listing, classes, options);
}

/** The one file of IDX pictures of a part, unpacked rather than gzipped. */
function chooseIdx(folder: string, names: readonly string[], split: Split): string {
  const fitting = names.filter((name) => idxSplitOf(name) === split);
  const stems = new Set(fitting.map((name) => name.replace(/\.gz$/, "")));
  if (stems.size === 1) return fitting.sort()[0]!;
  throw new AfterimageError("data/missing", {
    what: `not one file of IDX pictures of the part "${split}"`,
    where: folder,
    expected: "train-images-idx3-ubyte for train, t10k-images-idx3-ubyte for test, gzipped or not",
    got: names.join(", "),
    todo:
      stems.size > 1
        ? "Give the path of the file itself."
        : "Choose the other part, or give the path of the file.",
  });
}

function look(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw cannotRead("the data", path, error);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw cannotRead("the folder", folder, error);
  }
}

function refuseSplit(path: string, { split }: OpenOptions): void {
  if (split === undefined || split === "train") return;
  throw new AfterimageError("usage/value", {
    what: "pictures in a folder or list do not come in parts",
    where: path,
    got: `split "${split}"`,
    todo: "Give the folder of that part.",
  });
}

function checkCanvas(canvas: number): void {
  if (Number.isInteger(canvas) && canvas >= 2 && canvas <= MOST_PIXELS) return;
  throw new AfterimageError("usage/value", {
    what: "the canvas is not usable",
    expected: `2 to ${MOST_PIXELS} pixels`,
    got: `${canvas}`,
  });
}

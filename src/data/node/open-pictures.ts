import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { MOST_PIXELS, type PictureDataset } from "../picture-dataset.ts";
import { joinSurveys, type PictureSurvey } from "../picture-survey.ts";
import { type FoundPart, type FoundParts, findParts } from "./find-parts.ts";
import { joinDatasets } from "./join-datasets.ts";
import type { OpenOptions } from "./open-options.ts";

export type { OpenOptions, Split } from "./open-options.ts";

/** Chooses a canvas from what is known of the pictures before they are decoded. */
export type ChooseCanvas = (survey: PictureSurvey) => number | Promise<number>;

export interface OpenPicturesOptions extends Omit<OpenOptions, "canvas"> {
  canvas: OpenOptions["canvas"] | ChooseCanvas;
}

/**
 * Opens pictures of any kind by their path:
 *
 * - a folder of pictures, nested (JPEG, PNG, WebP, AVIF, TIFF, GIF, SVG);
 * - a list of pictures (.txt, .lst, .tsv, .csv), one a line, with or without a label;
 * - a folder with IDX files (the MNIST family), or one file of IDX pictures, gzipped or not;
 * - a folder with CIFAR-10 or CIFAR-100 binary files, or one such file.
 *
 * A folder whose first level is train/, val/, test/ and the like has parts, and the classes are the folders
 * below. A list has parts by its column "split". IDX and CIFAR files may lie further down in a folder without
 * pictures.
 *
 * Pictures of a folder or list are decoded once, into a packed cache that later calls reuse as long as the
 * files do not change. IDX and CIFAR pictures are held in memory unchanged.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable`, `data/empty`, `data/format`, `data/all-broken`,
 * `data/cache`, and `usage/value` for a file of another kind and options that are not usable; the signal's
 * reason when stopped.
 */
export async function openPictures(path: string, options: OpenPicturesOptions): Promise<PictureDataset> {
  if (typeof options.canvas === "number") checkCanvas(options.canvas);
  const found = await findParts(path, options);
  const chosen = choose(found, options, path);
  const canvas = await canvasOf(options.canvas, chosen);
  const dataset = await openTogether(chosen, { ...options, canvas });
  return withNotes(dataset, [...found.notes, ...partNotes(found.parts, chosen)]);
}

async function canvasOf(canvas: number | ChooseCanvas, parts: readonly FoundPart[]): Promise<number> {
  if (typeof canvas === "number") return canvas;
  const chosen = await canvas(joinSurveys(await Promise.all(parts.map(({ survey }) => survey()))));
  checkCanvas(chosen);
  return chosen;
}

/** Opens parts as one data set, with the classes of all of them. */
export async function openTogether(
  parts: readonly FoundPart[],
  options: OpenOptions,
): Promise<PictureDataset> {
  if (parts.length === 1) return parts[0]!.open(options);
  const opened: { prefix: string; dataset: PictureDataset }[] = [];
  try {
    for (const { prefix, open } of parts) opened.push({ prefix, dataset: await open(options) });
    return joinDatasets(opened);
  } catch (error) {
    for (const { dataset } of opened) await dataset.close();
    throw error;
  }
}

/** The same data set with more notes before its own. */
export function withNotes(dataset: PictureDataset, notes: readonly string[]): PictureDataset {
  return notes.length === 0 ? dataset : { ...dataset, notes: [...notes, ...(dataset.notes ?? [])] };
}

function choose({ parts }: FoundParts, { split }: Pick<OpenOptions, "split">, path: string): FoundPart[] {
  if (split === "all") return [...parts];
  const wanted = parts.filter(({ part }) => part === (split ?? "train"));
  if (wanted.length > 0) return wanted;
  const isWhole = parts.some(({ part }) => part === null);
  if (split === undefined || (split === "train" && isWhole)) return [...parts];
  throw isWhole ? noParts(path, split) : noSuchPart(parts, path, split);
}

/** A note on which of several parts are used, because a user may take the folders of parts for classes. */
function partNotes(parts: readonly FoundPart[], chosen: readonly FoundPart[]): string[] {
  if (parts.some(({ part }) => part === null)) return [];
  const names = (of: readonly FoundPart[]) => of.map(({ name }) => name).join(", ");
  if (parts.length === chosen.length) return [`all splits of the data set are used: ${names(parts)}`];
  return [
    `of the splits ${names(parts)} only ${names(chosen)} is used; ${optionName("split")} chooses another one, or all`,
  ];
}

function noParts(path: string, split: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "this data set has no splits",
    where: path,
    expected: "folders named train, val or test on the first level, or a list with a column named split",
    got: `split "${split}"`,
    todo: "Leave out the split, or give the path of the pictures of that split.",
  });
}

function noSuchPart(parts: readonly FoundPart[], path: string, split: string): AfterimageError {
  return new AfterimageError("data/missing", {
    what: `this data set has no split "${split}"`,
    where: path,
    expected: `${parts.map(({ part }) => part).join(", ")} or all`,
  });
}

function checkCanvas(canvas: number): void {
  if (Number.isInteger(canvas) && canvas >= 2 && canvas <= MOST_PIXELS) return;
  throw new AfterimageError("usage/value", {
    what: "the canvas size is out of range",
    expected: `a whole number of pixels, 2 to ${MOST_PIXELS}`,
    got: `${canvas}`,
  });
}

/** Finds the pictures at a path: of any kind, in one part or several. */
import { readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { MOST_PIXELS, type PictureDataset } from "../picture-dataset.ts";
import { type PictureSurvey, surveyDataset } from "../picture-survey.ts";
import { type BytePath, displayPath } from "./byte-path.ts";
import { collectClasses } from "./classes.ts";
import { cannotRead } from "./fs-error.ts";
import { listFile } from "./list-file.ts";
import { type FolderListing, listFolder, noPictures, walkFolder } from "./list-folder.ts";
import type { Listing } from "./listing.ts";
import { openCifar } from "./open-cifar.ts";
import { openIdx } from "./open-idx.ts";
import { openListing } from "./open-listing.ts";
import type { OpenOptions } from "./open-options.ts";
import { PARTS, type Part, partNamed } from "./split.ts";
import { cifarNames, cifarPartOf, idxNames, idxPartOf } from "./stack-names.ts";
import { surveyListing } from "./survey-listing.ts";

/** A part that can be opened separately. */
export interface FoundPart {
  /** The purpose of the part; null for a whole set without parts. */
  part: Part | null;
  /** The part's name at the path: "Training/". */
  name: string;
  /** A prefix for the names of its pictures if several parts are opened together. */
  prefix: string;
  /** Whether each of its pictures has a label; null if that is known only after opening. */
  labelled: boolean | null;
  /** Whether any of its pictures has one; null if that is known only after opening. */
  someLabelled: boolean | null;
  /** Counts its pictures and finds their sizes, without decoding them. */
  survey(): Promise<PictureSurvey>;
  open(options: OpenOptions): Promise<PictureDataset>;
}

export interface FoundParts {
  /** Train before val before test. */
  parts: FoundPart[];
  /** Notes for the user, a sentence each. */
  notes: string[];
}

/** @throws AfterimageError as opening the pictures does, except for errors found only by decoding. */
export async function findParts(path: string, options: ListOptions): Promise<FoundParts> {
  if (look(path).isDirectory()) return partsOfFolder(path, options);
  const name = basename(path);
  if (/\.(?:txt|lst|tsv|csv)$/i.test(name)) return partsOfList(path, options);
  if (/\.bin$/i.test(name))
    return whole(
      LABELLED,
      stack((given) => openCifar([path], given)),
    );
  if (/idx3/.test(name))
    return whole(
      UNKNOWN,
      stack((given) => openIdx(path, namesIn(dirname(path)), given)),
    );
  throw unknownKind(path);
}

/** The options for listing files. */
type ListOptions = Pick<OpenOptions, "signal" | "allFiles" | "labelColumns">;
type Ways = Pick<FoundPart, "survey" | "open">;
type Labelling = Pick<FoundPart, "labelled" | "someLabelled">;

const LABELLED: Labelling = { labelled: true, someLabelled: true };
const UNKNOWN: Labelling = { labelled: null, someLabelled: null };

function whole(labelled: Labelling, ways: Ways, notes: string[] = []): FoundParts {
  return { parts: [{ part: null, name: "", prefix: "", ...labelled, ...ways }], notes };
}

/** Pictures in one file. They are held in memory, so their size is known only after opening. */
function stack(open: FoundPart["open"]): Ways {
  const survey = async () => surveyDataset(await open({ canvas: MOST_PIXELS, labels: false }));
  return { survey, open };
}

async function partsOfFolder(path: string, options: ListOptions): Promise<FoundParts> {
  const stacks = stacksIn(path);
  if (stacks !== null) return { parts: stacks, notes: [] };
  const listing = await walkFolder(path, options);
  if (listing.pictures.length === 0) return stacksBelow(path, listing);
  const folders = partFolders(listing);
  if (folders === null) {
    const open = (given: OpenOptions) => openListed(listing, given, given.labels ?? false);
    return whole(labellingOf(listing.pictures), { survey: () => surveyListing(listing), open });
  }
  const strays = listing.pictures.filter(({ label }) => label === null);
  const notes = strays.length === 0 ? [] : [leftOut(strays, "outside the folders of the splits")];
  return { parts: [...folders].map(([part, name]) => folderPart(path, part, name, listing)), notes };
}

/** The folders of the first level by their parts; null if a folder is no part, or two are the same part. */
function partFolders({ pictures }: Listing): Map<Part, string> | null {
  const names = new Set(pictures.flatMap(({ label }) => label ?? []));
  const named = new Map([...names].map((name) => [partNamed(name), name]));
  if (names.size === 0 || named.size < names.size || named.has(null)) return null;
  return new Map(PARTS.filter((part) => named.has(part)).map((part) => [part, named.get(part)!]));
}

function folderPart(path: string, part: Part, name: string, { pictures }: Listing): FoundPart {
  const below = pictures.filter(({ label }) => label === name);
  const isInFolder = ({ relative }: (typeof below)[number]) => relative.split("/").length > 2;
  return {
    ...{ part, name: `${name}/`, prefix: `${name}/` },
    ...{ labelled: below.every(isInFolder), someLabelled: below.some(isInFolder) },
    survey: () => surveyListing({ pictures: below }),
    open: async (given) => {
      const listing = await listFolder(join(path, name), given);
      return openListed(listing, given, given.labels ?? false);
    },
  };
}

async function partsOfList(path: string, options: ListOptions): Promise<FoundParts> {
  const listing = await listFile(path, options);
  const ways = (of: Listing): Ways => ({
    survey: () => surveyListing(of),
    open: (given: OpenOptions) => openListed(of, given, given.labels ?? "auto"),
  });
  const present = PARTS.filter((part) => listing.pictures.some((picture) => picture.part === part));
  if (present.length === 0) return whole(labellingOf(listing.pictures), ways(listing));
  const parts = present.map((part): FoundPart => {
    const own = partOfListing(listing, part);
    return { part, name: part, prefix: "", ...labellingOf(own.pictures), ...ways(own) };
  });
  const strays = listing.pictures.filter((picture) => picture.part === undefined);
  return { parts, notes: strays.length === 0 ? [] : [leftOut(strays, "without a split")] };
}

function partOfListing({ pictures, skipped, ...rest }: Listing, part: Part): Listing {
  return {
    ...{ ...rest, part },
    pictures: pictures.filter((picture) => picture.part === part),
    skipped: skipped.filter((one) => one.part === part || one.part === undefined),
  };
}

function openListed(
  listing: Listing,
  options: OpenOptions,
  labels: boolean | "auto",
): Promise<PictureDataset> {
  return openListing(listing, labels === false ? null : collectClasses(listing, labels === true), options);
}

function labellingOf(pictures: Listing["pictures"]): Labelling {
  const has = ({ label, cells = [] }: (typeof pictures)[number]) => label !== null || cells.some(Boolean);
  return { labelled: pictures.every(({ label }) => label !== null), someLabelled: pictures.some(has) };
}

function leftOut(pictures: Listing["pictures"], why: string): string {
  const count = pictures.length === 1 ? "1 picture" : `${pictures.length} pictures`;
  return `left out ${count} ${why}: ${pictures[0]!.name}${pictures.length > 1 ? ", …" : ""}`;
}

/** The parts of the IDX or CIFAR files in a folder; null if there are none. */
function stacksIn(path: string): FoundPart[] | null {
  const names = namesIn(path);
  const [idx, cifar] = [idxNames(names), cifarNames(names)];
  const [files, partOf] = idx.length > 0 ? [idx, idxPartOf] : [cifar, cifarPartOf];
  if (files.length === 0) return null;
  return PARTS.filter((part) => files.some((name) => partOf(name) === part)).map((part) => {
    const own = files.filter((name) => partOf(name) === part);
    const open: FoundPart["open"] =
      idx.length > 0
        ? async (given) => openIdx(join(path, onlyIdx(path, own)), names, given)
        : (given) =>
            openCifar(
              own.map((name) => join(path, name)),
              given,
            );
    return { part, name: part, prefix: "", ...(idx.length > 0 ? UNKNOWN : LABELLED), ...stack(open) };
  });
}

/** The file of IDX pictures of a part; an unpacked one is preferred to a gzipped one. */
function onlyIdx(folder: string, names: string[]): string {
  const stems = new Set(names.map((name) => name.replace(/\.gz$/, "")));
  if (stems.size === 1) return names.sort()[0]!;
  throw new AfterimageError("data/missing", {
    what: "the folder has several files of IDX pictures for the same split",
    where: folder,
    expected: "one file, gzipped or not",
    got: names.join(", "),
    todo: "Give the path of one file instead of the folder.",
  });
}

/** A folder without a picture may contain IDX or CIFAR files further down, as torchvision stores them. */
function stacksBelow(path: string, listing: FolderListing): FoundParts {
  const [first, ...more] = listing.stacks.map(displayPath as (path: BytePath) => string);
  if (first === undefined) throw noPictures(path, listing);
  const parts = more.length === 0 ? stacksIn(join(path, first)) : null;
  if (parts !== null) return { parts, notes: [`the pictures come from the data set in ${first}`] };
  throw new AfterimageError("data/empty", {
    what: "this folder has no pictures of its own, but several data sets below it",
    where: path,
    expected: "the path of one of them",
    got: [first, ...more].join(", "),
  });
}

function unknownKind(path: string): AfterimageError {
  const isTable = /\.(?:json|jsonl|parquet|xlsx)$/i.test(path);
  return new AfterimageError("usage/value", {
    what: "this file is not a supported kind of data set",
    where: path,
    expected:
      "a folder, a list (.txt, .lst, .tsv, .csv), IDX pictures (…-images-idx3-ubyte, .gz) or CIFAR records (.bin)",
    todo: isTable
      ? "To use a list, write a .csv or .tsv file with a path and a label on each line."
      : "To use single pictures, give the folder that contains them.",
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

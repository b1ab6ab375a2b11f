import { accessSync, constants, type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { extname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import type { SkippedPicture } from "../picture-dataset.ts";
import { type BytePath, bytePath, comparePaths, displayPath, forFs, joinPath } from "./byte-path.ts";
import { cannotRead, fsReason } from "./fs-error.ts";
import { isRunFolder } from "./is-run-folder.ts";
import { describeOthers, type ListedPicture, type Listing } from "./listing.ts";
import { looksLikePicture } from "./looks-like-picture.ts";
import { PICTURE_EXTENSIONS, PICTURE_NAME } from "./picture-names.ts";
import { cifarNames, idxNames } from "./stack-names.ts";

export interface WalkOptions {
  /** Read the start of files with any name, and take those that begin like a picture. */
  allFiles?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** The contents of a folder, which may have no picture. */
export interface FolderListing extends Listing {
  others: ReadonlyMap<string, number>;
  /** Folders below that hold files of many pictures each (IDX, CIFAR), relative. */
  stacks: BytePath[];
}

interface Folder {
  path: BytePath;
  /** Relative to the root, "" for the root itself. */
  relative: BytePath;
}

/** The state of the walk: what was found, and the folders still to visit. */
interface Walk {
  pictures: ListedPicture[];
  skipped: SkippedPicture[];
  folders: Folder[];
  /**
   * Folders reached through links, visited after all others: a picture's own place is preferred to a link to
   * it.
   */
  links: Folder[];
  /** Real paths of the folders visited. Each is visited once, so that circular links end. */
  visited: Set<string>;
  /** Skipped files of other kinds, counted by ending. */
  others: Map<string, number>;
  stacks: BytePath[];
  /** Folders of runs, which were skipped. */
  runs: BytePath[];
  allFiles: boolean;
}

/**
 * Lists the pictures in a folder and the folders below it, sorted by the bytes of their relative paths, so
 * that the order on disk and the locale do not matter. Names that start with a dot are skipped. Links are
 * followed.
 *
 * The first level of sub-folders gives each picture its `label`; pictures in the folder itself have none.
 *
 * The file system is read in this thread, folder by folder. For 100,000 files that is several times faster
 * than in other threads, and takes less than a second.
 *
 * Folders of runs are skipped, because their pictures were written by the run.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable` for the folder itself, `data/empty` when it has
 * no picture.
 */
export async function listFolder(folder: string, options: WalkOptions = {}): Promise<Listing> {
  const listing = await walkFolder(folder, options);
  if (listing.pictures.length === 0) throw noPictures(folder, listing);
  return listing;
}

/** As {@link listFolder}, but for a folder without a picture it returns what else is there. */
export async function walkFolder(
  folder: string,
  { allFiles = false, signal }: WalkOptions = {},
): Promise<FolderListing> {
  const walk: Walk = {
    ...{ pictures: [], skipped: [], folders: [], links: [], stacks: [], runs: [] },
    visited: new Set(),
    others: new Map(),
    allFiles,
  };
  const source = visitRoot(folder, walk);
  for (let next = nextFolder(walk); next !== undefined; next = nextFolder(walk)) {
    await setImmediate(); // lets signals and timers in
    signal?.throwIfAborted();
    visitBelow(next, walk);
  }
  walk.pictures.sort((a, b) => comparePaths(a.relative, b.relative));
  const { pictures, skipped, others, stacks, runs } = walk;
  return { source, pictures, skipped, others, stacks, notes: runNotes(runs) };
}

function runNotes(runs: readonly BytePath[]): string[] {
  if (runs.length === 0) return [];
  const [one, ...more] = runs.map(displayPath);
  return [
    `ignored ${more.length === 0 ? "a run folder" : `${runs.length} run folders`}: ${[one, ...more].join(", ")}`,
  ];
}

function nextFolder(walk: Walk): Folder | undefined {
  return walk.folders.pop() ?? walk.links.shift();
}

function visitRoot(folder: string, walk: Walk): BytePath {
  try {
    const root = realPath(bytePath(folder));
    visit({ path: root, relative: "" as BytePath }, walk);
    return root;
  } catch (error) {
    throw cannotRead("the folder of pictures", folder, error);
  }
}

function visitBelow(folder: Folder, walk: Walk): void {
  try {
    visit(folder, walk);
  } catch (error) {
    walk.skipped.push({ path: `${displayPath(folder.relative)}/`, reason: fsReason(error) });
  }
}

function realPath(path: BytePath): BytePath {
  return realpathSync.native(forFs(path), { encoding: "latin1" }) as BytePath;
}

/** Adds the contents of a folder to the walk. Throws the file system's errors. */
function visit({ path, relative }: Folder, walk: Walk): void {
  const real = realPath(path);
  if (walk.visited.has(real)) return;
  walk.visited.add(real);
  const entries = readdirSync(forFs(path), { withFileTypes: true, encoding: "latin1" });
  const names = entries.map(({ name }) => name);
  if (relative !== "" && isRunFolder(path, names)) {
    walk.runs.push(relative);
    return;
  }
  if (idxNames(names).length + cifarNames(names).length > 0) walk.stacks.push(relative);
  entries.sort((a, b) => comparePaths(a.name as BytePath, b.name as BytePath));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    addEntry(entry, { path: joinPath(path, entry.name), relative: joinPath(relative, entry.name) }, walk);
  }
}

function addEntry(entry: Dirent, at: Folder, walk: Walk): void {
  if (entry.isDirectory()) {
    walk.folders.push(at);
    return;
  }
  const named = PICTURE_NAME.test(entry.name);
  const isWanted = named || walk.allFiles;
  if (!isWanted && !entry.isSymbolicLink()) {
    countOther(entry.name, walk);
    return;
  }
  try {
    const stats = statSync(forFs(at.path));
    if (stats.isDirectory()) walk.links.push(at);
    else if (!isWanted) countOther(entry.name, walk);
    else if (!named && !(stats.isFile() && looksLikePicture(at.path))) countOther(entry.name, walk);
    else {
      accessSync(forFs(at.path), constants.R_OK); // found out now, and not after minutes of decoding
      addPicture(at, stats, walk);
    }
  } catch (error) {
    if (isWanted) walk.skipped.push({ path: displayPath(at.relative), reason: fsReason(error) });
  }
}

function countOther(name: string, { others }: Walk): void {
  const ending = extname(displayPath(name as BytePath)).toLowerCase();
  others.set(ending, (others.get(ending) ?? 0) + 1);
}

function addPicture({ path, relative }: Folder, stats: Stats, walk: Walk): void {
  const name = displayPath(relative);
  if (!stats.isFile()) {
    walk.skipped.push({ path: name, reason: "not a regular file" });
    return;
  }
  const cut = relative.indexOf("/");
  const label = cut < 0 ? null : displayPath(relative.slice(0, cut) as BytePath);
  const { size, mtimeMs, ino, ctimeMs } = stats;
  walk.pictures.push({ name, relative, path, size, mtimeMs, stamp: [ino, ctimeMs], label });
}

/** The error for a folder without pictures: says what is there instead. */
export function noPictures(folder: string, { others, skipped }: FolderListing): AfterimageError {
  const unreadable = skipped[0];
  return new AfterimageError("data/empty", {
    what: "this folder contains no pictures",
    where: folder,
    expected: `files that end in ${PICTURE_EXTENSIONS.map((extension) => `.${extension}`).join(" ")}`,
    got: unreadable
      ? `${skipped.length} unreadable (${unreadable.path}: ${unreadable.reason})`
      : describeOthers(others),
    ...(others.size > 0 && {
      todo: `Add ${optionName("allFiles")} to recognise pictures by their content instead of their names.`,
    }),
  });
}

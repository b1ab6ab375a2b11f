import { accessSync, constants, type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { extname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AfterimageError } from "../../errors.ts";
import type { SkippedPicture } from "../picture-dataset.ts";
import { type BytePath, bytePath, comparePaths, displayPath, forFs, joinPath } from "./byte-path.ts";
import { cannotRead, fsReason } from "./fs-error.ts";
import { describeOthers, type ListedPicture, type Listing } from "./listing.ts";

/** What a picture's name may end with; whether it is one, its contents decide. */
export const PICTURE_EXTENSIONS = [
  "jpg",
  "jpeg",
  "jpe",
  "jfif",
  "png",
  "webp",
  "avif",
  "tif",
  "tiff",
  "gif",
  "svg",
];
const PICTURE_NAME = new RegExp(`\\.(?:${PICTURE_EXTENSIONS.join("|")})$`, "i");

interface Folder {
  path: BytePath;
  /** Relative to the root, "" for the root itself. */
  relative: BytePath;
}

/** The walk's state: what was found, and the folders still to visit. */
interface Walk {
  pictures: ListedPicture[];
  skipped: SkippedPicture[];
  folders: Folder[];
  /** Folders reached through links, visited when no other is left: a picture's own place goes before a link to it. */
  links: Folder[];
  /** Real paths of the folders visited: each is visited once, so links cannot lead in circles. */
  visited: Set<string>;
  /** Files of another kind that were passed over, counted by ending. */
  others: Map<string, number>;
}

/**
 * Lists the pictures in a folder and the folders below it, sorted by the bytes of their relative paths, so that the
 * order on disk and the locale do not matter. Names that start with a dot are passed over. Links are followed.
 *
 * The first level of sub-folders gives each picture its `label`; pictures in the folder itself have none.
 *
 * The file system is asked in this thread, folder by folder: for 100,000 files that is several times faster than
 * asking in others, and takes less than a second.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable` for the folder itself, `data/empty` when it has no picture.
 */
export async function listFolder(folder: string, signal?: AbortSignal): Promise<Listing> {
  const walk: Walk = {
    pictures: [],
    skipped: [],
    folders: [],
    links: [],
    visited: new Set(),
    others: new Map(),
  };
  const source = visitRoot(folder, walk);
  for (let next = nextFolder(walk); next !== undefined; next = nextFolder(walk)) {
    await setImmediate(); // lets signals and timers in
    signal?.throwIfAborted();
    visitBelow(next, walk);
  }
  if (walk.pictures.length === 0) throw noPictures(folder, walk);
  walk.pictures.sort((a, b) => comparePaths(a.relative, b.relative));
  return { source, pictures: walk.pictures, skipped: walk.skipped, others: walk.others };
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

/** Adds what lies in a folder to the walk. Throws what the file system throws. */
function visit({ path, relative }: Folder, walk: Walk): void {
  const real = realPath(path);
  if (walk.visited.has(real)) return;
  walk.visited.add(real);
  const entries = readdirSync(forFs(path), { withFileTypes: true, encoding: "latin1" });
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
  if (!named && !entry.isSymbolicLink()) {
    countOther(entry.name, walk);
    return;
  }
  try {
    const stats = statSync(forFs(at.path));
    if (stats.isDirectory()) {
      walk.links.push(at);
    } else if (named) {
      accessSync(forFs(at.path), constants.R_OK); // found out now, or the cache would keep it as broken
      addPicture(at, stats, walk);
    } else {
      countOther(entry.name, walk);
    }
  } catch (error) {
    if (named) walk.skipped.push({ path: displayPath(at.relative), reason: fsReason(error) });
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
  walk.pictures.push({ name, relative, path, size: stats.size, mtimeMs: stats.mtimeMs, label });
}

function noPictures(folder: string, { others, skipped }: Walk): AfterimageError {
  const unreadable = skipped[0];
  return new AfterimageError("data/empty", {
    what: "no picture in this folder",
    where: folder,
    expected: `files that end in ${PICTURE_EXTENSIONS.map((extension) => `.${extension}`).join(" ")}`,
    got: unreadable
      ? `${skipped.length} that cannot be read (${unreadable.path}: ${unreadable.reason})`
      : describeOthers(others),
  });
}

import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AfterimageError } from "../../errors.ts";
import type { LabelColumns } from "../written-labels.ts";
import { type BytePath, bytePath, displayPath, forFs, joinPath, trimPath } from "./byte-path.ts";
import { cannotRead, fsReason } from "./fs-error.ts";
import { type ListEntries, type ListEntry, listEntries } from "./list-columns.ts";
import { listForm, rowsInForm } from "./list-form.ts";
import type { ListedPicture, Listing } from "./listing.ts";
import { utf8Bytes } from "./utf8-bytes.ts";

/** Lines that are processed between two checks of the abort signal. */
const STRIDE = 4096;

export interface ListFileOptions {
  /** Columns of labels; by default the one whose name says so. */
  labelColumns?: LabelColumns | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Reads a list of pictures: one path a line, relative to the list's folder or absolute, with a label if it
 * has one. The list's order is kept, and a path may occur twice.
 *
 * It may be a plain list, or have columns: after tabs, commas or semicolons (with quotes as in RFC 4180), a
 * label after a blank, MXNet's columns, or columns named by a header line. It may be in UTF-8 or UTF-16.
 *
 * Files that do not exist are put into `skipped`.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable` for the list itself, `data/format` for columns
 * that are not understood, `data/empty` when it lists no picture, `usage/value` for columns of labels that it
 * does not have.
 */
export async function listFile(
  file: string,
  { labelColumns, signal }: ListFileOptions = {},
): Promise<Listing> {
  const folder = bytePath(dirname(resolve(file)));
  const { entries, labelled, unused } = readEntries(file, folder, labelColumns);
  const source = bytePath(resolve(file));
  const listing: Listing = { source, columns: labelled, pictures: [], skipped: [], notes: [] };
  if (unused.length > 0) listing.notes!.push(`unused columns of the list: ${unused.join(", ")}`);
  for (const [at, entry] of entries.entries()) {
    if (at % STRIDE === 0) await setImmediate();
    signal?.throwIfAborted();
    addEntry(entry, folder, listing);
  }
  if (listing.pictures.length === 0) throw noPictures(file, entries.length, listing);
  return listing;
}

function readEntries(file: string, folder: BytePath, labels?: LabelColumns): ListEntries {
  const text = readText(file);
  const isFile = (path: BytePath) => trimPath(path) !== "" && isThere(pathOf(trimPath(path), folder));
  const rows = rowsInForm(text, listForm(text, file, isFile));
  return listEntries(rows, { file, isFile, labels });
}

/** The list with one character for each byte, as in a BytePath. */
function readText(file: string): string {
  try {
    const text = utf8Bytes(readFileSync(file)).toString("latin1");
    return text.includes("\n") ? text : text.replaceAll("\r", "\n");
  } catch (error) {
    throw cannotRead("the list of pictures", file, error);
  }
}

function addEntry({ line, path, label, cells, part }: ListEntry, folder: BytePath, listing: Listing): void {
  const { pictures, skipped } = listing;
  const ofPart = part === null ? {} : { part };
  const relative = find(path, folder) ?? trimPath(path);
  const name = displayPath(relative);
  if (name === "") {
    skipped.push({ path: `line ${line}`, reason: "no path", ...ofPart });
    return;
  }
  try {
    const picture = lookUp(relative, folder);
    if (picture === null) skipped.push({ path: name, reason: "not a regular file", ...ofPart });
    else pictures.push({ name, ...picture, label, line, cells, ...ofPart });
  } catch (error) {
    skipped.push({ path: name, reason: fsReason(error), ...ofPart });
  }
}

/** A path with blanks around it: as it is written, or without them, whichever exists. */
function find(written: BytePath, folder: BytePath): BytePath | null {
  const trimmed = trimPath(written);
  return trimmed === written || !isThere(pathOf(written, folder)) ? null : written;
}

function isThere(path: BytePath): boolean {
  try {
    return statSync(forFs(path)).isFile();
  } catch {
    return false; // the reason is given where the picture is added
  }
}

function pathOf(relative: BytePath, folder: BytePath): BytePath {
  return isAbsolute(relative) ? relative : joinPath(folder, relative);
}

/** Throws the file system's errors; returns null if the path is not a file. */
function lookUp(
  relative: BytePath,
  folder: BytePath,
): Pick<ListedPicture, "relative" | "path" | "size" | "mtimeMs" | "stamp"> | null {
  const path = pathOf(relative, folder);
  const stats = statSync(forFs(path));
  accessSync(forFs(path), constants.R_OK);
  if (!stats.isFile()) return null;
  const { size, mtimeMs, ino, ctimeMs } = stats;
  return { relative, path, size, mtimeMs, stamp: [ino, ctimeMs] };
}

function noPictures(file: string, lines: number, { skipped }: Listing): AfterimageError {
  const first = skipped[0];
  return new AfterimageError("data/empty", {
    what: "none of the pictures in this list can be found",
    where: file,
    expected: "a path on each line, absolute or relative to the list's folder",
    got: first
      ? `${lines} ${lines === 1 ? "line" : "lines"}, for example ${first.path}: ${first.reason}`
      : "an empty list",
  });
}

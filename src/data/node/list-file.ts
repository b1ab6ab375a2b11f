import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { AfterimageError } from "../../errors.ts";
import { type BytePath, bytePath, displayPath, forFs, joinPath } from "./byte-path.ts";
import { cannotRead, fsReason } from "./fs-error.ts";
import type { Listing } from "./listing.ts";

/** Lines looked up between two looks at the abort signal. */
const STRIDE = 4096;
const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/**
 * Reads a list of pictures: one path a line, relative to the list's folder or absolute, optionally followed by a tab
 * and a label. Empty lines are passed over, the list's order is kept, and a path may come twice.
 *
 * Files that are not there are put into `skipped`.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable` for the list itself, `data/empty` when it names no picture.
 */
export async function listFile(file: string, signal?: AbortSignal): Promise<Listing> {
  const lines = readLines(file);
  const folder = bytePath(dirname(resolve(file)));
  const listing: Listing = { source: bytePath(resolve(file)), pictures: [], skipped: [] };
  for (const [at, line] of lines.entries()) {
    if (at % STRIDE === 0) await setImmediate();
    signal?.throwIfAborted();
    addLine(line, folder, listing);
  }
  if (listing.pictures.length === 0) throw noPictures(file, lines.length, listing);
  return listing;
}

function readLines(file: string): string[] {
  try {
    const text = readFileSync(file, "latin1"); // a character a byte, as in a BytePath
    const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
    return body.split(/\r?\n/).filter((line) => line !== "");
  } catch (error) {
    throw cannotRead("the list of pictures", file, error);
  }
}

function addLine(line: string, folder: BytePath, { pictures, skipped }: Listing): void {
  const tab = line.indexOf("\t");
  const relative = (tab < 0 ? line : line.slice(0, tab)) as BytePath;
  const name = displayPath(relative);
  const label = tab < 0 ? null : displayPath(line.slice(tab + 1) as BytePath);
  const path = isAbsolute(relative) ? relative : joinPath(folder, relative);
  try {
    const stats = statSync(forFs(path));
    accessSync(forFs(path), constants.R_OK);
    if (stats.isFile())
      pictures.push({ name, relative, path, label, size: stats.size, mtimeMs: stats.mtimeMs });
    else skipped.push({ path: name, reason: "not a regular file" });
  } catch (error) {
    skipped.push({ path: name, reason: fsReason(error) });
  }
}

function noPictures(file: string, lines: number, { skipped }: Listing): AfterimageError {
  const first = skipped[0];
  return new AfterimageError("data/empty", {
    what: "no picture named in this list is there",
    where: file,
    expected: "one path a line, relative to the list's folder",
    got: first ? `${lines} lines, the first of them ${first.path}: ${first.reason}` : "an empty list",
  });
}

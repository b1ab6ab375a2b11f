import { optionName } from "../../options/option-name.ts";
import type { SkippedPicture } from "../picture-dataset.ts";
import type { WrittenLabels } from "../written-labels.ts";
import { type BytePath, displayPath } from "./byte-path.ts";
import type { Part } from "./split.ts";

/** Inode and time of the last change of its status, milliseconds since 1970. */
export type Stamp = readonly [inode: number, ctimeMs: number];

/** A file that is expected to be a picture; it has not been opened yet. */
export interface ListedPicture {
  /** Its name in messages: the path relative to the folder, or as written in the list. */
  name: string;
  /** The same as bytes. */
  relative: BytePath;
  /** The file to open. */
  path: BytePath;
  /** In bytes. */
  size: number;
  /** Time of the last change, milliseconds since 1970, with fractions. */
  mtimeMs: number;
  /** Inode and time of its last change of status. Another file under this name has another stamp. */
  stamp: Stamp;
  /** The class by folder or list, if it has one. */
  label: string | null;
  /** Its line in a list, and what the columns of labels say there. */
  line?: number;
  cells?: readonly string[];
  /** Its part, if a list says so. */
  part?: Part;
}

/** Pictures found, before any is decoded. */
export interface Listing {
  /** The folder or list of the pictures: an absolute path. */
  source: BytePath;
  /** Columns of labels by the header line of a list; empty for a list without one, absent for a folder. */
  columns?: readonly string[];
  /** The part of a list, if it has parts. */
  part?: Part;
  pictures: ListedPicture[];
  /** Files and folders that could not even be read. */
  skipped: (SkippedPicture & { part?: Part })[];
  /** Skipped files of other kinds in a folder, counted by ending (".heic", "" for none). */
  others?: ReadonlyMap<string, number>;
  /** Notes for the user, a sentence each. */
  notes?: string[];
}

/** `3 other files (2 .heic, 1 .bmp)`, the most frequent ending first. */
export function describeOthers(others: ReadonlyMap<string, number>): string {
  const counts = [...others].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const shown = counts
    .slice(0, ENDINGS_SHOWN)
    .map(([ending, count]) => `${count} ${ending || "without extension"}`);
  const more = counts.length > shown.length ? ", …" : "";
  const kinds = total === 0 ? "" : ` (${shown.join(", ")}${more})`;
  return `${total} other ${total === 1 ? "file" : "files"}${kinds}`;
}

const ENDINGS_SHOWN = 5;

/** The skipped files of a listing that its user may miss. */
export function listingNotes({ others, notes = [] }: Listing): string[] {
  if (others === undefined || others.size === 0) return notes;
  const look = others.has("") ? `; ${optionName("allFiles")} recognises pictures by their content` : "";
  return [...notes, `ignored ${describeOthers(others)}: not a supported kind of picture${look}`];
}

/** The reason why no labels are used although some pictures have one; null if that is not so. */
export function missingLabels({ pictures }: Listing): string | null {
  const bare = pictures.filter(({ label }) => label === null);
  if (bare.length === 0 || bare.length === pictures.length) return null;
  const first = bare[0]!.name;
  return bare.length === 1
    ? `1 of ${pictures.length} pictures has no label: ${first}`
    : `${bare.length} of ${pictures.length} pictures have no label, for example ${first}`;
}

/** What the folders or the list say of some pictures of a listing, by their places in it. */
export function writtenLabels(
  { pictures, columns, source }: Listing,
  entries: Iterable<number>,
): WrittenLabels {
  const rows = Array.from(entries, (entry) => {
    const { line = null, label, cells = [label ?? ""] } = pictures[entry]!;
    return { line, cells };
  });
  const from = columns === undefined ? "folders" : "list";
  return { from, source: displayPath(source), columns: columns ?? [], rows };
}

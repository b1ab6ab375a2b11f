import type { SkippedPicture } from "../picture-dataset.ts";
import type { BytePath } from "./byte-path.ts";

/** A file that is expected to be a picture; it has not been opened yet. */
export interface ListedPicture {
  /** Where it is, for people: relative to the folder or as the list has it. */
  name: string;
  /** The same as bytes. */
  relative: BytePath;
  /** The file to open. */
  path: BytePath;
  /** In bytes. */
  size: number;
  /** Time of the last change, milliseconds since 1970, with fractions. */
  mtimeMs: number;
  /** The class by folder or list, if it has one. */
  label: string | null;
}

/** Pictures found, before any is decoded. */
export interface Listing {
  /** The folder or list that they come from: an absolute path. */
  source: BytePath;
  pictures: ListedPicture[];
  /** Files and folders that could not even be looked at. */
  skipped: SkippedPicture[];
}

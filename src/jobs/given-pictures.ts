/** Pictures as a program gives them. */
import type { PictureDataset } from "../data/picture-dataset.ts";

/** Where pictures are, or a data set that is open. */
export type Pictures = string | PictureDataset;

/** How a result names them. */
export function nameOf(pictures: Pictures): string {
  return typeof pictures === "string" ? pictures : "(in memory)";
}

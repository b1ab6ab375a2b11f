/** Pictures that a program passes to a job. */
import type { PictureDataset } from "../data/picture-dataset.ts";

/** The path of pictures, or an open data set. */
export type Pictures = string | PictureDataset;

/** The name of pictures in results. */
export function nameOf(pictures: Pictures): string {
  return typeof pictures === "string" ? pictures : "(in memory)";
}

/** Pictures as a program gives them. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { given } from "./value-kinds.ts";

/** Where pictures are, or a data set that is open. */
export type Pictures = string | PictureDataset;

export const PICTURES = {
  ...given("the path of pictures, or an open data set", isPictures),
  placeholder: "pictures",
};

/** How a result names them. */
export function nameOf(pictures: Pictures): string {
  return typeof pictures === "string" ? pictures : "(in memory)";
}

function isPictures(value: unknown): value is Pictures {
  if (typeof value === "string") return value !== "";
  return typeof value === "object" && value !== null && "readBatch" in value;
}

/** Pictures to learn from and pictures to be judged by, both with labels that self-supervised methods do not see. */
import type { PictureDataset } from "afterimage";

export interface PictureSet {
  name: string;
  title: string;
  /** How it was divided, in a sentence or two for the report. */
  protocol: string;
  classes: number;
  /** All of it is trained on; its features are kNN's bank and what the linear probe learns from. */
  train: PictureDataset;
  /** Seen by nothing that is trained. */
  test: PictureDataset;
}

/** The labels of a data set that has some. */
export function labelsOf(pictures: PictureDataset): Int32Array {
  if (pictures.labels === null) throw new TypeError("the pictures of a set to be judged by have labels");
  return pictures.labels;
}

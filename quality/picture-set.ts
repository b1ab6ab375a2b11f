/**
 * Pictures to learn from and pictures to be judged by, both with labels that self-supervised methods do not
 * see.
 */
import type { PictureDataset } from "afterimage";
import { poseTasks, type Tasks } from "../demo/tasks.ts";

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
  /**
   * Of the test pictures: their edited copies, and which of them show the same thing by different artists.
   */
  tasks: Tasks;
}

/** The edits are the same for all seeds of a method, so that spreads are those of the training. */
const EDITS_SEED = 0;

/** The set with the demo's tasks on its test pictures. */
export async function withTasks(set: Omit<PictureSet, "tasks">): Promise<PictureSet> {
  return { ...set, tasks: await poseTasks(set.test, EDITS_SEED) };
}

/** The labels of a data set that has some. */
export function labelsOf(pictures: PictureDataset): Int32Array {
  if (pictures.labels === null) throw new TypeError("the pictures of a set to be judged by have labels");
  return pictures.labels;
}

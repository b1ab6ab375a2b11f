/**
 * Pictures to learn from and pictures for evaluation. Self-supervised methods do not see the labels of
 * either.
 */
import type { PictureDataset } from "afterimage";
import { poseTasks, type Tasks } from "../demo/tasks.ts";

export interface PictureSet {
  name: string;
  title: string;
  /** The division of the set, in a sentence or two for the report. */
  protocol: string;
  classes: number;
  /** All training pictures. Their features are kNN's bank and the linear probe's training data. */
  train: PictureDataset;
  /** Pictures that no training sees. */
  test: PictureDataset;
  /** Tasks on the test pictures: their edited copies, and the same things drawn by different artists. */
  tasks: Tasks;
}

/** The edits are the same for all seeds of a method, so spreads are those of the training. */
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

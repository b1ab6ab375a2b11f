/** What a network says of each picture, in the words of its task. */
import type { Matrix } from "../formats/matrix.ts";
import type { LabelTask } from "./label-task.ts";

export interface LikelyLabel {
  label: string;
  /** From 0 to 1. */
  probability: number;
}

/** Of `classes`. */
export interface ClassPrediction {
  kind: "classes";
  /** The most probable classes, the most probable first. */
  top: LikelyLabel[];
}

/** Of `several` labels. */
export interface SeveralPrediction {
  kind: "several";
  /** The labels with a probability above a half, in the order of the task's names. */
  labels: string[];
  /** The probability of each of the task's labels, in their order. */
  probabilities: number[];
}

/** Of `numbers`. */
export interface NumbersPrediction {
  kind: "numbers";
  /** In the order of the task's names, in the units of the labels. */
  numbers: number[];
}

export type Prediction = ClassPrediction | SeveralPrediction | NumbersPrediction;

/**
 * @param read `[N, K]` of `readLogits`.
 * @param top the number of classes of each picture; all if there are fewer.
 */
export function predictionsOf(task: LabelTask, read: Matrix, top: number): Prediction[] {
  return Array.from({ length: read.rows }, (_, row) => {
    const values = Array.from(read.data.subarray(row * read.cols, (row + 1) * read.cols));
    if (task.kind === "classes") return { kind: "classes", top: mostProbable(task.names, values, top) };
    if (task.kind === "numbers") return { kind: "numbers", numbers: values };
    const labels = task.names.filter((_, label) => values[label]! > 0.5);
    return { kind: "several", labels, probabilities: values };
  });
}

function mostProbable(names: readonly string[], values: readonly number[], top: number): LikelyLabel[] {
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, top);
  return order.map((label) => ({ label: names[label]!, probability: values[label]! }));
}

/** The task that labels set: the outputs of a network, and their meaning. */
import type { Matrix } from "../formats/matrix.ts";

/**
 * `classes`: one of K classes a picture. `several`: any of K labels a picture. `numbers`: K numbers to
 * predict.
 */
export type TaskKind = "classes" | "several" | "numbers";

export interface LabelTask {
  readonly kind: TaskKind;
  /** Names of the K outputs: of classes, of labels, or of columns of numbers. */
  readonly names: readonly string[];
  /**
   * For numbers: mean and deviation of each column over the training pictures. The network predicts in these
   * units.
   */
  readonly scale?: NumberScale;
}

export interface NumberScale {
  readonly mean: readonly number[];
  /** Above 0. */
  readonly deviation: readonly number[];
}

/** The right answers for N pictures. */
export type Answers =
  | { readonly kind: "classes" /** `[N]`, 0 … K - 1. */; readonly classes: Int32Array }
  | { readonly kind: "several" /** `[N, K]`, 0 or 1. */; readonly rows: Matrix }
  | { readonly kind: "numbers" /** `[N, K]`, in the units of the labels. */; readonly rows: Matrix };

/** The names under which a data set has the answers as targets. */
export const TARGET_OF = { classes: "label", several: "labels", numbers: "numbers" } as const;

/**
 * Numbers as the network predicts them: (number - mean) / deviation of each column.
 *
 * @param rows `[N, K]`.
 */
export function inUnits({ rows, cols, data }: Matrix, scale: NumberScale | undefined): Matrix {
  const { mean = [], deviation = [] } = scale ?? {};
  const own = data.map((value, at) => (value - (mean[at % cols] ?? 0)) / (deviation[at % cols] ?? 1));
  return { rows, cols, data: own };
}

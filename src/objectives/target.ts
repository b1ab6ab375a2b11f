/**
 * What a loss compares its outputs with, beside the pictures themselves: named arrays of the data set. An
 * objective declares the targets that it needs; the loader reads them, and the graph has them as inputs.
 */
import type { Shape } from "../tensor/index.ts";

/**
 * One row for each picture: a class index (int32 `[]`), several classes or soft labels (float32 `[C]`), a
 * number to predict (float32 `[]`), and the like. The loss sees `[B, …shape]`.
 */
export interface RowTarget {
  readonly name: string;
  readonly per: "picture";
  readonly dtype: "int32" | "float32";
  /** Shape of one picture's row. */
  readonly shape: Shape;
}

/**
 * One number for each pixel: a mask of classes 0 … 255 on the picture's canvas. It gets the crop and the flip
 * of the picture in every view of a group, by the nearest pixel. The loss sees int32 `[V·B, S, S]`,
 * view-major.
 */
export interface PixelTarget {
  readonly name: string;
  readonly per: "pixel";
  /** The group of views whose crop and flip it gets. */
  readonly views: string;
}

export type Target = RowTarget | PixelTarget;

/** A class index for each picture; of a picture data set its labels, under the name `label`. */
export function classTarget(name = "label"): RowTarget {
  return { name, per: "picture", dtype: "int32", shape: [] };
}

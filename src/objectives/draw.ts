/**
 * Random numbers that a method needs beside those of its views: which patches to hide, an order, negatives.
 */
import type { RandomStream } from "../random/random-stream.ts";
import type { Shape } from "../tensor/index.ts";

export interface Draw {
  readonly name: string;
  /**
   * Which stage sees it. The loss sees it for the whole batch, embedding for the pictures of a part. A draw
   * that both stages see is the same in both; if it is drawn per part, the loss must not couple the batch.
   */
  readonly stage: "embed" | "loss" | "both";
  /**
   * `picture`: each picture has a row, drawn by itself in every epoch, so that no splitting of the batch
   * changes it. `part`: one draw for all pictures at hand, such as their order.
   */
  readonly per: "picture" | "part";
  readonly dtype: "float32" | "int32";
  /** The shape for a number of pictures; the first axis is theirs where each has a row. */
  shape(pictures: number): Shape;
  /**
   * Fills the row of a picture, whose place in the data set comes along; or the whole, when `picture` is -1.
   */
  fill(out: Float32Array | Int32Array, random: RandomStream, picture: number): void;
}

import { reshape, type Tensor, transpose } from "../tensor/index.ts";

/**
 * Puts patches next to each other to one picture, row by row, without a gap.
 *
 * @param patches `[side²·B, C, p, p]`, the first patches of all pictures first, as `cutPatches` gives them.
 * @param side how many patches there are in a row and in a column.
 * @returns `[B, C, side·p, side·p]`.
 */
export function assemblePatches(patches: Tensor, side: number): Tensor {
  const [all, c, p] = patches.shape as [number, number, number, number];
  const b = all / (side * side);
  const places = transpose(reshape(patches, [side, side, b, c, p, p]), [2, 3, 0, 4, 1, 5]); // [B, C, side, p, side, p]
  return reshape(places, [b, c, side * p, side * p]);
}

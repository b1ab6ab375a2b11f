import { concat, reverse, type Tensor, transpose } from "../tensor/index.ts";

/**
 * Square pictures `[B, C, S, S]` turned counterclockwise by 0, 90, 180 and 270 degrees, one rotation after
 * another: `[4·B, C, S, S]`, as `torch.rot90(x, k, (2, 3))` for k = 0 to 3.
 */
export function rotations(pictures: Tensor): Tensor {
  const turned = transpose(pictures, [0, 1, 3, 2]);
  return concat([pictures, reverse(turned, [2]), reverse(pictures, [2, 3]), reverse(turned, [3])]);
}

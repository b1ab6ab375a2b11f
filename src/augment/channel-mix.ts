import { convolution, reshape, shapeOf, sizeOfAxis, type Tensor } from "../tensor/index.ts";

export interface MixOptions {
  /** `[B, O]` */
  bias?: Tensor | undefined;
  /**
   * A pointwise function of the result. If it is the convolution's only use, the runtime does both in one
   * pass.
   */
  after?: (mixed: Tensor) => Tensor;
}

/**
 * Multiplies the channels of each picture by its own matrix: x `[B, C, H, W]` and matrices `[B, O·C]` to
 * `[B, O, H, W]`. One convolution with a group for each picture does it in one pass over memory.
 */
export function mixChannels(
  x: Tensor,
  matrices: Tensor,
  { bias, after = (y) => y }: MixOptions = {},
): Tensor {
  const [b, c, h, w] = shapeOf(x, 4, "mixChannels");
  const o = sizeOfAxis(matrices, 1, "mixChannels") / c;
  const filters = reshape(matrices, [b * o, c, 1, 1]);
  const shift = bias === undefined ? undefined : reshape(bias, [b * o]);
  const mixed = convolution(reshape(x, [1, b * c, h, w]), filters, { groups: b }, shift);
  return reshape(after(mixed), [b, o, h, w]);
}

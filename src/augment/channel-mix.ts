import { convolution, reshape, type Tensor } from "../tensor/index.ts";

export interface MixOptions {
  /** `[B, O]` */
  bias?: Tensor | undefined;
  /**
   * A pointwise function of the result: where it is the convolution's only use, the runtime makes one pass of
   * both.
   */
  after?: (mixed: Tensor) => Tensor;
}

/**
 * A matrix over the channels of each picture: x `[B, C, H, W]` and matrices `[B, O·C]` to `[B, O, H, W]`. One
 * convolution in as many groups as there are pictures is one pass over memory.
 */
export function mixChannels(
  x: Tensor,
  matrices: Tensor,
  { bias, after = (y) => y }: MixOptions = {},
): Tensor {
  const [b, c, h, w] = x.shape as [number, number, number, number];
  const o = matrices.shape[1]! / c;
  const filters = reshape(matrices, [b * o, c, 1, 1]);
  const shift = bias === undefined ? undefined : reshape(bias, [b * o]);
  const mixed = convolution(reshape(x, [1, b * c, h, w]), filters, { groups: b }, shift);
  return reshape(after(mixed), [b, o, h, w]);
}

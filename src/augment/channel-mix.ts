import { convolution, reshape, type Tensor } from "../tensor/index.ts";

/**
 * A matrix over the channels of each picture: x `[B, C, H, W]`, matrices `[B, O·C]` and bias `[B, O]` (or none)
 * to `[B, O, H, W]`. One convolution in as many groups as there are pictures is one pass over memory.
 */
export function mixChannels(x: Tensor, matrices: Tensor, bias?: Tensor): Tensor {
  const [b, c, h, w] = x.shape as [number, number, number, number];
  const o = matrices.shape[1]! / c;
  const filters = reshape(matrices, [b * o, c, 1, 1]);
  const shift = bias === undefined ? undefined : reshape(bias, [b * o]);
  const mixed = convolution(reshape(x, [1, b * c, h, w]), filters, { groups: b }, shift);
  return reshape(mixed, [b, o, h, w]);
}

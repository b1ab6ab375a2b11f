/** Pictures that were seen in part, and what was made of the rest. */
import { patchify, unpatchify } from "../losses/patchify.ts";
import { add, mul, reshape, sub, type Tensor } from "../tensor/index.ts";

/** Each `[B, 3, S, S]`, normalised as views are. */
export interface Reconstruction {
  original: Tensor;
  /** What was seen; the rest is 0, the mean colour. */
  masked: Tensor;
  /** What was seen, with the rest filled in. */
  filled: Tensor;
}

/**
 * @param pictures `[B, 3, S, S]`.
 * @param predicted patches in the order of {@link patchify}, `[B, N, p·p·3]`.
 * @param hidden float32 `[B, N]`, 1 for the patches that were not seen.
 */
export function reconstruction(pictures: Tensor, predicted: Tensor, hidden: Tensor): Reconstruction {
  const size = Math.sqrt(predicted.shape[2]! / pictures.shape[1]!);
  const isHidden = reshape(hidden, [...hidden.shape, 1]);
  const seen = mul(patchify(pictures, size), sub(1, isHidden));
  const filled = add(seen, mul(predicted, isHidden));
  return { original: pictures, masked: unpatchify(seen, { size }), filled: unpatchify(filled, { size }) };
}

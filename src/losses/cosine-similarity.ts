import { l2Normalize } from "../nn/l2-normalize.ts";
import { mul, sum, type Tensor } from "../tensor/index.ts";

/**
 * The cosine of the angle between `a` and `b` along `axis`, which falls away: `[B, D]` and `[B, D]` give `[B]`,
 * each in [-1, 1]; 0 where one of them is zero. Other axes broadcast.
 */
export function cosineSimilarity(a: Tensor, b: Tensor, axis = -1): Tensor {
  return sum(mul(l2Normalize(a, axis), l2Normalize(b, axis)), [axis]);
}

import { l2Normalize } from "../nn/l2-normalize.ts";
import { mul, sum, type Tensor } from "../tensor/index.ts";

/**
 * The cosine of the angle between `a` and `b` along `axis`, which the result does not have: `[B, D]` and
 * `[B, D]` give `[B]`, each in [-1, 1]; 0 where one of them is zero. Other axes broadcast.
 *
 * As `torch.nn.functional.cosine_similarity`: lengths below `epsilon` count as `epsilon`, which bounds the
 * gradient of a vector that is all but zero.
 */
export function cosineSimilarity(a: Tensor, b: Tensor, axis = -1, epsilon = 1e-8): Tensor {
  return sum(mul(l2Normalize(a, axis, epsilon), l2Normalize(b, axis, epsilon)), [axis]);
}

/**
 * Noise by masks drawn on the host: dropout and drop-path, in networks that learn. A teacher that is an
 * average has none.
 */
import { mul, type Tensor } from "../tensor/index.ts";
import type { Scope } from "./scope.ts";

/** Each element dropped with probability `rate`, in [0, 1), the rest scaled up (Srivastava et al. 2014). */
export function dropout(scope: Scope, x: Tensor, rate: number): Tensor {
  if (!scope.isNoisy || rate === 0) return x;
  return mul(x, scope.mask("dropout", x.shape, 1 - rate));
}

/**
 * The residual branch x `[B, …]` of each sample dropped as a whole with probability `rate`, in [0, 1), the
 * others scaled up by 1/(1 - rate) (Huang et al. 2016, arXiv 1603.09382).
 */
export function dropPath(scope: Scope, x: Tensor, rate: number): Tensor {
  if (!scope.isNoisy || rate === 0) return x;
  const perSample = x.shape.map((size, axis) => (axis === 0 ? size : 1));
  return mul(x, scope.mask("drop_path", perSample, 1 - rate));
}

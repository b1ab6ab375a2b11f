import {
  greater,
  maximum,
  mul,
  reciprocal,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  withDerivative,
} from "../tensor/index.ts";

/**
 * `x / max(‖x‖₂, epsilon)` along `axis`; the shape stays. A zero vector stays zero.
 *
 * The derivative is written by hand, in few passes over memory and finite at zero:
 * with y the result, dx = (g - y·⟨g, y⟩) / ‖x‖, and dx = g / epsilon where the norm is below epsilon.
 *
 * As `torch.nn.functional.normalize`. `epsilon` is at least 1e-18: its square must be a float32.
 */
export function l2Normalize(x: Tensor, axis = -1, epsilon = 1e-12): Tensor {
  const floor = epsilon ** 2;
  const squares = sum(square(x), [axis], true);
  const scale = reciprocal(sqrt(maximum(squares, floor)));
  const y = mul(x, scale);
  return withDerivative(y, [x], (g) => {
    const along = where(greater(squares, floor), sum(mul(g, y), [axis], true), 0);
    return [mul(sub(g, mul(y, along)), scale)];
  });
}

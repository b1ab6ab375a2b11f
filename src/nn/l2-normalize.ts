import { AfterimageError } from "../errors.ts";
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
 * `x / max(‖x‖₂, epsilon)` along `axis`, of the same shape. A zero vector stays zero.
 *
 * The derivative is written by hand, in few passes over memory and finite at zero:
 * with y the result, dx = (g - y·⟨g, y⟩) / ‖x‖, and dx = g / epsilon where the norm is below epsilon.
 *
 * As `torch.nn.functional.normalize`. As there, lengths above 1e19, whose squares overflow float32, give
 * zeros.
 *
 * @throws AfterimageError `usage/value` for an `epsilon` below 1e-18: its square must be a float32.
 */
export function l2Normalize(x: Tensor, axis = -1, epsilon = 1e-12): Tensor {
  if (!(epsilon >= LEAST_EPSILON && Number.isFinite(epsilon))) throw outOfRange(epsilon);
  const floor = epsilon ** 2;
  const squares = sum(square(x), [axis], true);
  const scale = reciprocal(sqrt(maximum(squares, floor)));
  const y = mul(x, scale);
  return withDerivative(y, [x], (g) => {
    const along = where(greater(squares, floor), sum(mul(g, y), [axis], true), 0);
    return [mul(sub(g, mul(y, along)), scale)];
  });
}

const LEAST_EPSILON = 1e-18;

function outOfRange(epsilon: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "epsilon of l2Normalize is out of range",
    expected: `a finite number of at least ${LEAST_EPSILON}`,
    got: `${epsilon}`,
  });
}

import { AfterimageError } from "../../errors.ts";
import { l2Normalize } from "../../nn/l2-normalize.ts";
import {
  div,
  mean,
  mul,
  shapeOf,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";

/**
 * How far rows are spread over the sphere, a scalar without gradient: √D times the mean over columns of the
 * standard deviation of the L2-normalised rows (dividing by B - 1). 0 if all rows are equal, 1 if they point
 * in all directions evenly.
 *
 * Source: SimSiam, arXiv 2011.10566, section 4.1 and figure 2: it shows collapse, and the loss does not.
 *
 * @param x `[B, D]`, B at least 2.
 * @throws AfterimageError `tensor/shape` for fewer rows, which have no deviation.
 */
export function relativeDeviation(x: Tensor): Tensor {
  const [b, d] = shapeOf(x, 2, "relativeDeviation");
  if (x.shape.length !== 2 || b < 2) {
    throw new AfterimageError("tensor/shape", {
      what: "the relative deviation of these rows is not defined",
      expected: "[B, D] with at least two rows",
      got: `[${x.shape.join(", ")}]`,
    });
  }
  const rows = l2Normalize(stopGradient(x));
  const variance = div(sum(square(sub(rows, mean(rows, [0], true))), [0]), b - 1); // [D]
  return mul(mean(sqrt(variance)), Math.sqrt(d));
}

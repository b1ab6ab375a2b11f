import {
  add,
  div,
  maximum,
  mean,
  mul,
  type Operand,
  relu,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  withDerivative,
} from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";

/**
 * The contrastive loss of pairs with a margin, a scalar: the mean over pairs of y·d² + (1 - y)·max(margin -
 * d, 0)², d the Euclidean distance. Pairs that belong together are pulled to one point; other pairs are
 * pushed apart until their distance is `margin`. Two equal points that do not belong together get no
 * gradient, because no direction is better than another.
 *
 * Source: Hadsell, Chopra and LeCun, "Dimensionality Reduction by Learning an Invariant Mapping" (CVPR 2006),
 * equation 4. Theirs is half of this and counts Y the other way round (0: similar).
 *
 * @param first `[B, D]`.
 * @param second `[B, D]`.
 * @param same y, float32 `[B]`: 1 where the two belong together, 0 where they do not.
 * @param margin above 0.
 * @throws AfterimageError `tensor/shape` when the inputs do not fit each other.
 */
export function marginContrastive(first: Tensor, second: Tensor, same: Tensor, margin: Operand): Tensor {
  const fits = first.rank === 2 && sameShape(first.shape, second.shape);
  if (!fits || same.rank !== 1 || same.size !== first.shape[0])
    throw shapeError("marginContrastive", "pairs [B, D] and [B, D], labels [B]", [first, second, same]);
  const difference = sub(first, second);
  const squares = sum(square(difference), [1]); // [B]
  const gap = relu(sub(margin, distance(difference, squares)));
  return mean(add(mul(same, squares), mul(sub(1, same), square(gap))));
}

/** Far below any distance that counts; its reciprocal is a float32. */
const TINY = 1e-12;

/** The norm of each row, `[B]`, whose derivative is 0 at 0. */
function distance(difference: Tensor, squares: Tensor): Tensor {
  const value = sqrt(squares);
  return withDerivative(value, [difference], (g) => {
    const share = div(g, maximum(value, TINY));
    return [mul(difference, reshape(share, [share.size, 1]))];
  });
}

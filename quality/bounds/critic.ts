import { linear, type Scope } from "afterimage/nn";
import { add, matmul, reshape, square, type Tensor } from "afterimage/tensor";

/**
 * Scores of all pairs, `[B, B]`: u[i, j] = f(x_i)·g(y_j) + a(x_i) + b(y_j), where f and g are linear, and a
 * and b are linear in the squares. The best critic of correlated Gaussians has this form (`exactScores`). So
 * what an estimate lacks is due to the bound and to its training, and not to the form of the critic.
 *
 * @param x `[B, d]`.
 * @param y `[B, d]`.
 */
export function critic(scope: Scope, x: Tensor, y: Tensor, { width }: { width: number }): Tensor {
  const f = linear(scope.at("f"), x, { out: width, bias: false }); // [B, width]
  const g = linear(scope.at("g"), y, { out: width, bias: false }); // [B, width]
  const a = linear(scope.at("a"), square(x), { out: 1 }); // [B, 1]
  const b = linear(scope.at("b"), square(y), { out: 1, bias: false }); // [B, 1]
  return add(add(matmul(f, g, { transposeB: true }), a), reshape(b, [1, -1]));
}

import { add, div, matmul, maximum, mul, reshape, sub, type Tensor, transpose } from "../tensor/index.ts";
import { adamw } from "./adamw.ts";
import { norm } from "./norm.ts";
import { type OptimizerRule, type ParameterUpdate, requireCoefficient } from "./optimizer.ts";

export interface MuonOptions {
  /** Momentum of the matrices, in [0, 1); 0.95 by default. */
  momentum?: number;
  /** Steps of the Newton–Schulz iteration, 1 or more; 5 by default. */
  iterations?: number;
  /** AdamW's, for all other parameters; 0.999 by default. */
  beta2?: number;
}

/**
 * The authors' coefficients of the polynomial a·x + b·x³ + c·x⁵, which maps singular values between 0 and 1
 * to about 1.
 */
const [A, B, C] = [3.4445, -4.775, 2.0315];
/** Keeps the quotient finite, as in the source. */
const EPSILON = 1e-7;
/** The root mean square of AdamW's updates, as measured in the source of the scale. */
const ADAMW_SIZE = 0.2;

/**
 * Momentum, orthogonalised by the Newton–Schulz iteration: v = μ·v + (1 - μ)·g; p *= 1 - rate·decay; p -=
 * rate · 0.2·√max(m, n) · ortho((1 - μ)·g + μ·v), with ortho(U·S·Vᵀ) ≈ U·Vᵀ. So all directions of a matrix
 * learn at one rate. It applies to weights `[m, n]`, and to filters as matrices `[out, in·k·k]`; {@link
 * adamw} updates biases, norms and tokens. The factor makes updates as large as AdamW's, so that both take
 * the same learning rate.
 *
 * Source: Jordan et al. 2024, kellerjordan.github.io/posts/muon; the factor is that of Liu et al. 2025, arXiv
 * 2502.16982; `torch.optim.Muon` with `adjust_lr_fn="match_rms_adamw"`, in float32 where that has bfloat16.
 *
 * @throws AfterimageError `usage/value` for coefficients out of range.
 */
export function muon({ momentum = 0.95, iterations = 5, beta2 = 0.999 }: MuonOptions = {}): OptimizerRule {
  requireCoefficient("momentum", momentum, { least: 0, below: 1 });
  requireCoefficient("iterations", iterations, { least: 1 });
  const rest = adamw({ beta2 });
  return {
    name: "muon",
    slots: (shape) => (isMatrix(shape) ? ["momentum"] : rest.slots(shape)),
    update(parameter, hyper) {
      if (!isMatrix(parameter.value.shape)) return rest.update(parameter, hyper);
      const { value, grad, slots, decays } = parameter;
      const { learningRate, weightDecay } = hyper;
      const v = add(mul(slots.momentum!, momentum), mul(grad, 1 - momentum));
      const ahead = add(mul(v, momentum), mul(grad, 1 - momentum));
      const direction = reshape(orthogonalized(asMatrix(ahead), iterations), value.shape);
      const kept = decays ? mul(value, sub(1, mul(learningRate, weightDecay))) : value;
      const size = ADAMW_SIZE * Math.sqrt(Math.max(...asMatrix(value).shape));
      return { value: sub(kept, mul(direction, mul(learningRate, size))), slots: { momentum: v } };
    },
  };
}

/** Weights of linear layers `[out, in]` and filters `[out, in, k, k]`. */
function isMatrix(shape: ParameterUpdate["value"]["shape"]): boolean {
  return shape.length === 2 || shape.length === 4;
}

/** `[out, …]` as `[out, in·k·k]`. */
function asMatrix(x: Tensor): Tensor {
  return reshape(x, [x.shape[0]!, -1]);
}

/** About U·Vᵀ of a matrix U·S·Vᵀ, its singular values between 0.7 and 1.2. */
function orthogonalized(matrix: Tensor, iterations: number): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  if (rows > columns) return transpose(orthogonalized(transpose(matrix, [1, 0]), iterations), [1, 0]);
  let x = div(matrix, maximum(norm(matrix), EPSILON));
  for (let i = 0; i < iterations; i++) {
    const gram = matmul(x, x, { transposeB: true }); // [m, m]
    const odd = add(mul(gram, B), mul(matmul(gram, gram), C));
    x = add(mul(x, A), matmul(odd, x));
  }
  return x;
}

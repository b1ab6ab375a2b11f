import { add, div, mul, sqrt, square, sub, type Tensor, tanh } from "../tensor/index.ts";
import { type OptimizerRule, requireCoefficient } from "./optimizer.ts";

export interface AdamwOptions {
  /** Decay of the mean of gradients, in [0, 1); 0.9 by default. */
  beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1); 0.999 by default. */
  beta2?: number;
  /** Added to the root of the mean square, 0 or more; 1e-8 by default. */
  epsilon?: number;
}

/**
 * Adam with decoupled weight decay, as `torch.optim.AdamW`: p *= 1 - rate·decay; m = β₁·m + (1 - β₁)·g;
 * v = β₂·v + (1 - β₂)·g²; p -= rate · m̂ / (√v̂ + ε), with m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ).
 *
 * Source: arXiv 1711.05101, algorithm 2. The corrections c = 1 - βᵗ are folded into scalars:
 * m̂ / (√v̂ + ε) = m / (√v + ε·√c₂) · √c₂ / c₁, two passes over memory fewer.
 *
 * @throws AfterimageError `usage/value` for coefficients out of range.
 */
export function adamw({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamwOptions = {}): OptimizerRule {
  requireCoefficient("beta1", beta1, { least: 0, below: 1 });
  requireCoefficient("beta2", beta2, { least: 0, below: 1 });
  requireCoefficient("epsilon", epsilon, { least: 0 });
  return {
    name: "adamw",
    slots: () => ["mean", "meanSquare"],
    update({ value, grad, slots, decays }, { learningRate, weightDecay, step }) {
      const mean = add(mul(slots.mean!, beta1), mul(grad, 1 - beta1));
      const meanSquare = add(mul(slots.meanSquare!, beta2), mul(square(grad), 1 - beta2));
      const root2 = sqrt(biasCorrection(beta2, step));
      const rate = div(mul(learningRate, root2), biasCorrection(beta1, step));
      const direction = div(mean, add(sqrt(meanSquare), mul(root2, epsilon)));
      const kept = decays ? mul(value, sub(1, mul(learningRate, weightDecay))) : value;
      return { value: sub(kept, mul(direction, rate)), slots: { mean, meanSquare } };
    },
  };
}

/**
 * 1 - βᵗ as 2u / (1 + u) with u = tanh(-t·ln β / 2): the plain difference would lose half of float32's digits
 * for β near 1 and small t.
 */
function biasCorrection(beta: number, step: Tensor): Tensor {
  const u = tanh(mul(step, -Math.log(beta) / 2));
  return div(mul(u, 2), add(u, 1));
}

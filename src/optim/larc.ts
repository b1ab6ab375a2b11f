import { add, and, div, greater, mul, sub, type Tensor, where } from "../tensor/index.ts";
import { norm } from "./norm.ts";
import { type OptimizerRule, requireCoefficient } from "./optimizer.ts";

export interface LarcOptions {
  /** In [0, 1); 0.9 by default. */
  momentum?: number;
  /** The trust coefficient, above 0; 0.001 by default. */
  eta?: number;
}

/** Keeps the quotient finite, as in the source. */
const EPSILON = 1e-8;

/**
 * Layer-wise adaptive rate control, not clipped, around SGD: g = trust·(g + decay·p), trust = η·‖p‖ / (‖g‖ +
 * decay·‖p‖); v = μ·v + g; p -= rate·v. If p or g is 0, the gradient is used unchanged, without decay.
 *
 * Differences from {@link lars}: the rate is outside the momentum; the norms of gradient and decay are added
 * rather than the vectors; and every parameter is adapted, including biases and norms.
 *
 * Source: arXiv 1708.03888; `LARC` with `clip=False` in NVIDIA's apex `parallel/LARC.py`, the optimiser of
 * SwAV.
 *
 * @throws AfterimageError `usage/value` for coefficients out of range.
 */
export function larc({ momentum = 0.9, eta = 1e-3 }: LarcOptions = {}): OptimizerRule {
  requireCoefficient("momentum", momentum, { least: 0, below: 1 });
  requireCoefficient("eta", eta, { above: 0 });
  return {
    name: "larc",
    slots: () => ["momentum"],
    update({ value, grad, slots, decays }, { learningRate, weightDecay }) {
      const v = add(mul(slots.momentum!, momentum), adapted(value, grad, eta, decays ? weightDecay : null));
      return { value: sub(value, mul(v, learningRate)), slots: { momentum: v } };
    },
  };
}

function adapted(value: Tensor, grad: Tensor, eta: number, weightDecay: Tensor | null): Tensor {
  const [size, slope] = [norm(value), norm(grad)];
  const bothPositive = and(greater(size, 0), greater(slope, 0));
  const pull = weightDecay === null ? slope : add(slope, mul(size, weightDecay));
  const trust = where(bothPositive, div(mul(size, eta), add(pull, EPSILON)), 1);
  if (weightDecay === null) return mul(grad, trust);
  return mul(add(grad, mul(value, where(bothPositive, weightDecay, 0))), trust);
}

import { add, and, constant, div, greater, mul, sub, type Tensor, where } from "../tensor/index.ts";
import { norm } from "./norm.ts";
import { type OptimizerRule, requireCoefficient } from "./optimizer.ts";

export interface LarsOptions {
  /** In [0, 1); 0.9 by default. */
  momentum?: number;
  /** The trust coefficient, above 0; 0.001 by default. */
  eta?: number;
  nesterov?: boolean;
  /** Adapts the rate of parameters without decay (biases, norms) too; off by default. */
  adaptExcluded?: boolean;
  /**
   * Whether gradients enter the momentum multiplied by the learning rate of their step (the default;
   * "classic" in SimCLR's code), or the momentum is multiplied by the present rate. The two differ while the
   * rate changes.
   */
  rateInMomentum?: boolean;
}

/**
 * Layer-wise adaptive rate scaling: g += decay·p; trust = η·‖p‖ / ‖g‖, or 1 where either norm is 0; v = μ·v +
 * rate·trust·g; p -= v, or μ·v + rate·trust·g with Nesterov. Without `rateInMomentum` v = μ·v + trust·g; p -=
 * rate·v.
 *
 * Source: arXiv 1708.03888; `LARSOptimizer` with `classic_momentum` in SimCLR's `lars_optimizer.py`. The
 * other form is that of BYOL (`utils/optimizers.py`), Barlow Twins, VICReg and MoCo v3 (`LARS` of `main.py`,
 * `main_vicreg.py`, `moco/optimizer.py`).
 *
 * @throws AfterimageError `usage/value` for coefficients out of range.
 */
export function lars(options: LarsOptions = {}): OptimizerRule {
  const { momentum = 0.9, eta = 1e-3, nesterov = false } = options;
  const { adaptExcluded = false, rateInMomentum = true } = options;
  requireCoefficient("momentum", momentum, { least: 0, below: 1 });
  requireCoefficient("eta", eta, { above: 0 });
  return {
    name: "lars",
    slots: () => ["momentum"],
    update({ value, grad, slots, decays }, { learningRate, weightDecay }) {
      const g = decays ? add(grad, mul(value, weightDecay)) : grad;
      const trust = decays || adaptExcluded ? trustRatio(value, g, eta) : constant([1], []);
      const pull = mul(g, rateInMomentum ? mul(trust, learningRate) : trust);
      const v = add(mul(slots.momentum!, momentum), pull);
      const change = nesterov ? add(mul(v, momentum), pull) : v;
      const step = rateInMomentum ? change : mul(change, learningRate);
      return { value: sub(value, step), slots: { momentum: v } };
    },
  };
}

function trustRatio(value: Tensor, g: Tensor, eta: number): Tensor {
  const [size, slope] = [norm(value), norm(g)];
  const bothPositive = and(greater(size, 0), greater(slope, 0));
  return where(bothPositive, div(mul(size, eta), slope), 1);
}

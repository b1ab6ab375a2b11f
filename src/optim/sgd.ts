import { AfterimageError } from "../errors.ts";
import { add, lessEqual, mul, sub, type Tensor, where } from "../tensor/index.ts";
import type { Hyperparameters, OptimizerRule } from "./optimizer.ts";
import { requireCoefficient } from "./optimizer.ts";

export interface SgdOptions {
  /** In [0, 1); 0.9 by default. 0 keeps no slot. */
  momentum?: number;
  nesterov?: boolean;
  /**
   * Share of the gradient that does not enter the momentum, in [0, 1), from the second step on; 0 by default.
   */
  dampening?: number;
}

/**
 * Stochastic gradient descent with momentum, as `torch.optim.SGD`: g += decay·p; v = μ·v + (1 - dampening)·g,
 * except v = g in the first step; p -= rate·v, or rate·(g + μ·v) with Nesterov. The rate is outside the
 * momentum, so that a change of the rate acts at once.
 *
 * @throws AfterimageError `usage/value` for coefficients out of range, and for Nesterov without momentum or
 * with dampening.
 */
export function sgd({ momentum = 0.9, nesterov = false, dampening = 0 }: SgdOptions = {}): OptimizerRule {
  requireCoefficient("momentum", momentum, { least: 0, below: 1 });
  requireCoefficient("dampening", dampening, { least: 0, below: 1 });
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new AfterimageError("usage/value", {
      what: "Nesterov's step needs a momentum and no dampening",
      got: `momentum ${momentum}, dampening ${dampening}`,
    });
  }
  return {
    name: "sgd",
    slots: () => (momentum === 0 ? [] : ["momentum"]),
    update({ value, grad, slots, decays }, hyper) {
      const g = decays ? add(grad, mul(value, hyper.weightDecay)) : grad;
      const descend = (direction: Tensor) => sub(value, mul(direction, hyper.learningRate));
      if (momentum === 0) return { value: descend(g), slots: {} };
      const v = add(mul(slots.momentum!, momentum), damped(g, dampening, hyper));
      return { value: descend(nesterov ? add(g, mul(v, momentum)) : v), slots: { momentum: v } };
    },
  };
}

function damped(g: Tensor, dampening: number, { step }: Hyperparameters): Tensor {
  return dampening === 0 ? g : mul(g, where(lessEqual(step, 1), 1, 1 - dampening));
}

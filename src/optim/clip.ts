import { add, div, minimum, mul, type Operand, type Tensor } from "../tensor/index.ts";
import { globalNorm, norm } from "./norm.ts";
import { requireCoefficient } from "./optimizer.ts";

/** Keeps the quotient finite for gradients of norm 0, in both sources. */
const EPSILON = 1e-6;

/**
 * Scales every gradient down separately to a norm of at most `maxNorm`: g · min(1, maxNorm / (‖g‖ + 1e-6)).
 *
 * Source: `clip_gradients` in DINO's `utils.py`.
 */
export function clipEach(grads: readonly Tensor[], maxNorm: Operand): Tensor[] {
  return grads.map((grad) => mul(grad, coefficient(norm(grad), maxNorm)));
}

/**
 * Scales all gradients down by one factor, so that their norm as one vector is at most `maxNorm`. Their norm,
 * for the log, is `globalNorm(grads)`: computed once in the graph.
 *
 * As `torch.nn.utils.clip_grad_norm_`.
 */
export function clipGlobal(grads: readonly Tensor[], maxNorm: Operand): Tensor[] {
  if (grads.length === 0) return [];
  const factor = coefficient(globalNorm(grads), maxNorm);
  return grads.map((grad) => mul(grad, factor));
}

function coefficient(size: Tensor, maxNorm: Operand): Tensor {
  if (typeof maxNorm === "number") requireCoefficient("maxNorm", maxNorm, { above: 0 });
  return minimum(div(maxNorm, add(size, EPSILON)), 1);
}

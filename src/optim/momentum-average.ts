import { add, mul, type Operand, sub, type Tensor } from "../tensor/index.ts";

/**
 * momentum · target + (1 - momentum) · source: one step of an exponential moving average, as of a teacher's weights.
 * Shapes are equal. A momentum of 1 leaves the target as it is, to the bit.
 *
 * Source: MoCo, arXiv 1911.05722, equation 2.
 *
 * @param momentum from 0 to 1, a number or a float scalar.
 */
export function movingAverage(target: Tensor, source: Tensor, momentum: Operand): Tensor {
  const rest = typeof momentum === "number" ? 1 - momentum : sub(1, momentum);
  return add(mul(target, momentum), mul(source, rest));
}

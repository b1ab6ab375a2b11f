import { AfterimageError } from "../errors.ts";
import { add, mul, type Operand, sub, type Tensor } from "../tensor/index.ts";

/**
 * momentum · target + (1 - momentum) · source: one step of an exponential moving average, as of a teacher's
 * weights. Shapes are equal. A momentum of 1 leaves every bit of the target unchanged.
 *
 * Source: MoCo, arXiv 1911.05722, equation 2.
 *
 * @param momentum from 0 to 1, a number or a float scalar.
 * @throws AfterimageError `usage/value` for a number outside of that.
 */
export function movingAverage(target: Tensor, source: Tensor, momentum: Operand): Tensor {
  if (typeof momentum === "number" && !(momentum >= 0 && momentum <= 1)) throw outOfRange(momentum);
  const rest = typeof momentum === "number" ? 1 - momentum : sub(1, momentum);
  return add(mul(target, momentum), mul(source, rest));
}

function outOfRange(momentum: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "the momentum of an average is out of range",
    expected: "a number from 0 to 1",
    got: `${momentum}`,
  });
}

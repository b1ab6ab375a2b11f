import { AfterimageError } from "../errors.ts";
import { div, type Operand, type Tensor } from "../tensor/index.ts";

/**
 * `x / temperature`.
 *
 * @throws AfterimageError `usage/value` for a number that is not finite and above 0; a tensor is not checked.
 */
export function byTemperature(x: Tensor, temperature: Operand): Tensor {
  if (typeof temperature === "number") requirePositive("a temperature", temperature);
  return div(x, temperature);
}

/** @throws AfterimageError `usage/value` unless the number is finite and above 0. */
export function requirePositive(what: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new AfterimageError("usage/value", {
    what: `${what} is out of range`,
    expected: "a finite number above 0",
    got: `${value}`,
  });
}

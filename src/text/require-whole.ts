import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";

/** @throws AfterimageError `usage/value` for anything but a whole number from `least` on. */
export function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new AfterimageError("usage/value", {
    what: `${optionName(name)} is out of range`,
    expected: `a whole number, ${least} or more`,
    got: `${value}`,
  });
}

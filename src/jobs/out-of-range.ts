/** A number that no setting of a run can have. */
import { AfterimageError } from "../errors.ts";

/** @param option as it stands behind the two dashes. */
export function outOfRange(option: string, expected: string, got: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "a value is out of range",
    where: `--${option}`,
    expected,
    got: `${got}`,
  });
}

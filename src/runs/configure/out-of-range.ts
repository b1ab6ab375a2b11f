/** The error for a number that no setting of a run can have. */
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";

/** @param option the name of the option, such as `imageSize`. */
export function outOfRange(option: string, expected: string, got: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "a value is out of range",
    where: optionName(option),
    expected,
    got: `${got}`,
  });
}

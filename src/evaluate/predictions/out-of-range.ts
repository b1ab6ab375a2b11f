import { AfterimageError } from "../../errors.ts";

/** The error of a number in a matrix of `cols` columns that cannot be what it should be. */
export function outOfRange(
  what: string,
  expected: string,
  got: number,
  at: number,
  cols: number,
): AfterimageError {
  return new AfterimageError("usage/value", {
    what: `${what} is out of range`,
    where: `row ${Math.floor(at / cols)}, column ${at % cols}`,
    expected,
    got: String(got),
  });
}

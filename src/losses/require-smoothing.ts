import { AfterimageError } from "../errors.ts";

/** @throws AfterimageError `usage/value` unless the label smoothing is from 0 and below 1. */
export function requireSmoothing(smoothing: number): void {
  if (smoothing >= 0 && smoothing < 1) return;
  throw new AfterimageError("usage/value", {
    what: "the label smoothing is out of range",
    expected: "a number from 0, below 1",
    got: String(smoothing),
  });
}

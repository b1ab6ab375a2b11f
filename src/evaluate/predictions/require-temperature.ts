import { AfterimageError } from "../../errors.ts";

/** @throws AfterimageError `usage/value` unless the temperature is finite and above 0. */
export function requireTemperature(temperature: number): void {
  if (temperature > 0 && Number.isFinite(temperature)) return;
  throw new AfterimageError("usage/value", {
    what: "the temperature is out of range",
    expected: "a finite number above 0",
    got: String(temperature),
  });
}

/** A flag with a value of a kind. */
import { Option } from "commander";
import { AfterimageError } from "../errors.ts";
import { readValue, type ValueKind } from "../jobs/value-kinds.ts";

/** `--k <n>`, which refuses values of other kinds; `fallback` is the default as the help shows it. */
export function valueOption<T>(flag: string, kind: ValueKind<T>, help: string, fallback?: string): Option {
  const text = fallback === undefined ? help : `${help} (default: ${fallback})`;
  const option = new Option(`${flag} <${kind.placeholder}>`, text);
  if (kind.choices !== undefined) option.choices(kind.choices);
  return option.argParser((given) => readValue(kind, kind.fromText(given), flag, given || "nothing"));
}

/** A required flag; the command checks it with {@link requireFlag}. */
export function requiredOption<T>(flag: string, kind: ValueKind<T>, help: string): Option {
  return valueOption(flag, kind, `${help} (required)`);
}

/**
 * The value of a flag that has to be given. Asked for by the command itself, since commander asks before it looks for
 * unknown flags: `--dta x` would be answered by "--data is missing".
 *
 * @throws AfterimageError `usage/missing`.
 */
export function requireFlag<T>(value: T | undefined, flag: string): T {
  if (value !== undefined) return value;
  throw new AfterimageError("usage/missing", { what: "a required flag is missing", where: flag });
}

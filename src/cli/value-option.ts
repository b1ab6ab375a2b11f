/** A flag with a value of a kind. */
import { Option } from "commander";
import { readValue, type ValueKind } from "./value-kinds.ts";

/** `--k <n>`, refusing values that are not of the kind; `fallback` is what the help calls its default. */
export function valueOption<T>(flag: string, kind: ValueKind<T>, help: string, fallback?: string): Option {
  const text = fallback === undefined ? help : `${help} (default: ${fallback})`;
  const option = new Option(`${flag} <${kind.placeholder}>`, text);
  if (kind.choices !== undefined) option.choices(kind.choices);
  return option.argParser((given) => readValue(kind, kind.fromText(given), flag, given || "nothing"));
}

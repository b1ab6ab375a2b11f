/** A flag in commander's form. */
import { Option } from "commander";
import { factsOf, isNeeded } from "../options/option-facts.ts";
import { readValue } from "../options/read-value.ts";
import { choicesOf, ruleText, typeOf } from "../options/rule-text.ts";
import { type Flag, flagText, isSwitch } from "./flags.ts";
import type { WriteMessage } from "./in-flags.ts";

/** `--k <n>`, which refuses values that the option does not take. */
export function flagOption(flag: Flag, write: WriteMessage): Option {
  const { option } = flag;
  const choices = choicesOf(option);
  const commanders = new Option([flagText(flag), valueText(flag)].join(" ").trimEnd(), write(helpOf(flag)));
  if (typeOf(option) === "boolean" && choices.length === 0) return commanders;
  if (choices.length > 0 && !isSwitch(flag)) commanders.choices(choices);
  return commanders.argParser((given) => parse(flag, given));
}

/** `--data <pictures>`, for an error that asks for it. */
export function flagWithValue(flag: Flag): string {
  return `${flagText(flag)} ${valueText(flag)}`;
}

/** `<n>`, `[auto]` if the flag may have no value, or nothing for a flag that is only on or off. */
function valueText(flag: Flag): string {
  const { placeholder } = factsOf(flag.option);
  if (isSwitch(flag)) return placeholder === undefined ? "" : `[${placeholder}]`;
  return `<${placeholder ?? PLACEHOLDERS[typeOf(flag.option) ?? ""] ?? "name"}>`;
}

const PLACEHOLDERS: Readonly<Record<string, string>> = { integer: "n", number: "x" };

function helpOf({ option }: Flag): string {
  const { description, off = description, fallback } = factsOf(option);
  if (isNeeded(option)) return `${off} (required)`;
  return fallback === undefined ? off : `${off} (default: ${fallback})`;
}

function parse(flag: Flag, given: string): unknown {
  const { option } = flag;
  if (isSwitch(flag)) {
    const expected = `${choicesOf(option).join(", ")}, or no value`;
    return readValue(option, given === "" ? true : given, flagText(flag), { expected, got: given });
  }
  const isList = typeOf(option) === "array";
  const expected = isList ? `${ruleText(option)}, with commas between them` : ruleText(option);
  return readValue(option, fromText(option, given), flagText(flag), { expected, got: given || "nothing" });
}

/** The value of a text on the command line, valid or not. */
function fromText(option: Flag["option"], given: string): unknown {
  const type = typeOf(option);
  if (type === "array") return given.split(",").map((part) => part.trim());
  return type === "integer" || type === "number" ? toNumber(given) : given;
}

/** Numbers as people write them. Hexadecimal numbers, blanks and empty texts do not count. */
function toNumber(given: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
}

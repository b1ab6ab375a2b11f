/** Checks the value of one option against its schema. */
import type * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { suggestion } from "./nearest-word.ts";
import { valueSchema } from "./option-facts.ts";
import { choicesOf, ruleText } from "./rule-text.ts";

/** The texts of a refusal for the value. If left out, both follow from the schema and the value. */
export interface Shown {
  /** The value as its user wrote it. */
  got?: string;
  expected?: string;
}

/**
 * The value, if the option takes it.
 *
 * @param where the option's place, for the error: a name, or a file and an entry of it.
 * @throws AfterimageError `usage/value`, with the nearest valid value if there is a list of them.
 */
export function readValue<S extends z.ZodType>(
  option: S,
  value: unknown,
  where: string,
  shown: Shown = {},
): z.infer<S> {
  if (valueSchema(option).safeParse(value).success) return value as z.infer<S>;
  const { expected = ruleText(option), got = valueText(value) } = shown;
  const todo = nearestChoice(choicesOf(option), value);
  throw new AfterimageError("usage/value", {
    what: "this value is not possible",
    ...{ where, expected, got },
    ...(todo === "" ? {} : { todo }),
  });
}

function valueText(value: unknown): string {
  return typeof value === "number" ? `${value}` : (JSON.stringify(value) ?? typeof value);
}

function nearestChoice(choices: readonly string[], value: unknown): string {
  const wrong = [value].flat().find((part) => !choices.includes(part as string));
  return typeof wrong === "string" && choices.length > 0 ? suggestion(wrong, choices) : "";
}

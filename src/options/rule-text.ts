/** The rule of an option in words, read off its schema: "a whole number, 2 or more". */
import * as z from "zod";
import { factsOf, valueSchema } from "./option-facts.ts";

/** The members of a JSON schema that options use. */
interface Rule {
  type?: string;
  enum?: readonly string[];
  const?: string;
  anyOf?: readonly Rule[];
  items?: Rule;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

/** The values that an option takes, in words. */
export function ruleText(option: z.core.$ZodType): string {
  return factsOf(option).expected ?? wordsOf(ruleOf(option));
}

/** The words that an option takes, or each entry of a list. Empty if the option also takes other values. */
export function choicesOf(option: z.core.$ZodType): readonly string[] {
  const { anyOf = [], items, enum: own } = ruleOf(option);
  return own ?? items?.enum ?? anyOf.flatMap((each) => each.const ?? []);
}

/**
 * The kind of value: `integer`, `number`, `boolean`, `string`, `array`, `object`; undefined for a value that
 * only a program can give.
 */
export function typeOf(option: z.core.$ZodType): string | undefined {
  const { type, anyOf = [] } = ruleOf(option);
  return type ?? anyOf[0]?.type;
}

function ruleOf(option: z.core.$ZodType): Rule {
  return z.toJSONSchema(valueSchema(option), { unrepresentable: "any" }) as Rule;
}

function wordsOf(rule: Rule): string {
  if (rule.enum !== undefined) return `one of ${rule.enum.join(", ")}`;
  if (rule.items?.enum !== undefined) return `some of ${rule.items.enum.join(", ")}`;
  if (rule.type === "integer") return wholeNumber(rule);
  if (rule.type === "number") return `a number ${bounds(rule)}`.trimEnd();
  if (rule.type === "boolean") return "true or false";
  if (rule.type === "string") return "a text that is not empty";
  return "an object of keys and values";
}

function wholeNumber({
  minimum: least,
  exclusiveMinimum: below = Number.MIN_SAFE_INTEGER,
  maximum,
}: Rule): string {
  const minimum = least ?? below + 1;
  if (minimum <= Number.MIN_SAFE_INTEGER + 1 && maximum === Number.MAX_SAFE_INTEGER) return "a whole number";
  return maximum === Number.MAX_SAFE_INTEGER
    ? `a whole number, ${minimum} or more`
    : `a whole number from ${minimum} to ${maximum}`;
}

function bounds({ minimum, exclusiveMinimum, exclusiveMaximum }: Rule): string {
  const low = exclusiveMinimum === undefined ? `${minimum} or more` : `above ${exclusiveMinimum}`;
  return exclusiveMaximum === undefined ? low : `${low} and below ${exclusiveMaximum}`;
}

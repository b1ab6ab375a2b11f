/** Says which setting is wrong, by the name a user gave it, and which rule it breaks. */
import type { z } from "zod";
import { AfterimageError } from "../errors.ts";
import { suggestion } from "./nearest-word.ts";

type Issue = z.core.$ZodIssue;

export interface SettingPlace {
  /** Before the name of a setting: `--set ` or `--set training.`. */
  prefix: string;
  /** Of what they are settings, for one that is not known: "simclr". */
  owner: string;
  /** All settings with the value that was to be taken. */
  given: Readonly<Record<string, unknown>>;
  known: readonly string[];
}

export function settingError(issue: Issue, { prefix, owner, given, known }: SettingPlace): AfterimageError {
  if (issue.code === "unrecognized_keys") {
    const [wrong] = issue.keys;
    const todo = suggestion(wrong!, known);
    return new AfterimageError("method/settings", {
      what: `${owner} has no setting "${wrong}"`,
      where: `${prefix}${wrong}`,
      expected: `one of ${known.join(", ")}`,
      ...(todo === "" ? {} : { todo }),
    });
  }
  const [key, ...inner] = issue.path as [string, ...(string | number)[]];
  const value = inner.reduce<unknown>((outer, at) => (outer as Record<string, unknown>)[at], given[key]);
  return new AfterimageError("method/settings", {
    what: "this setting is not possible",
    where: `${prefix}${key}${inner.map((at) => `[${at}]`).join("")}`,
    expected: ruleOf(issue),
    got: typeof value === "number" ? `${value}` : JSON.stringify(value),
  });
}

const KINDS: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  string: "a text",
  tuple: "a list",
  array: "a list",
};

/** The rule of a schema that a value broke, in words. */
function ruleOf(issue: Issue): string {
  if (issue.code === "invalid_type") return KINDS[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") return `one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small") {
    if (issue.origin === "array") return `a list of ${issue.minimum}`;
    return issue.inclusive ? `${issue.minimum} or more` : `more than ${issue.minimum}`;
  }
  if (issue.code === "too_big") {
    if (issue.origin === "array") return `a list of ${issue.maximum}`;
    return issue.inclusive ? `${issue.maximum} or less` : `less than ${issue.maximum}`;
  }
  return issue.message;
}

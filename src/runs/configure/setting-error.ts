/** Says which setting is wrong, by the name the user gave it, and which rule it breaks. */
import type * as z from "zod";
import { AfterimageError } from "../../errors.ts";
import { suggestion } from "../../options/nearest-word.ts";
import { optionName } from "../../options/option-name.ts";

type Issue = z.core.$ZodIssue;

export interface SettingPlace {
  /** Before the name of a setting: `settings.` or `training.`. */
  prefix: string;
  /** The owner of the settings, named if one is unknown: "simclr". */
  owner: string;
  /** All settings with the values to be used. */
  given: Readonly<Record<string, unknown>>;
  /** Names of the settings that a user set. */
  chosen: readonly string[];
  known: readonly string[];
}

export function settingError(issue: Issue, place: SettingPlace): AfterimageError {
  const { prefix, owner, given, known } = place;
  if (issue.code === "unrecognized_keys") {
    const [wrong] = issue.keys;
    const todo = suggestion(wrong!, known);
    return new AfterimageError("method/settings", {
      what: `${owner} has no setting "${wrong}"`,
      where: optionName(`${prefix}${wrong}`),
      expected: `one of ${known.join(", ")}`,
      ...(todo === "" ? {} : { todo }),
    });
  }
  const [key, ...inner] = issue.path as [string, ...(string | number)[]];
  const others = issue.code === "custom" ? known.filter((name) => name !== key && names(issue, name)) : [];
  if (others.length > 0) return togetherError(issue, [key, ...others], place);
  const value = inner.reduce<unknown>((outer, at) => (outer as Record<string, unknown>)[at], given[key]);
  return new AfterimageError("method/settings", {
    what: "this setting is not possible",
    where: optionName(`${prefix}${key}${inner.map((at) => `[${at}]`).join("")}`),
    expected: ruleOf(issue),
    got: shown(value),
  });
}

/**
 * The error for settings that are possible separately but not together. The schema's rule is about the first
 * of `involved`; the error names those that the user has set, because the others are defaults.
 */
function togetherError(
  { message }: Issue,
  involved: readonly string[],
  { prefix, given, chosen }: SettingPlace,
): AfterimageError {
  const set = involved.filter((name) => chosen.includes(name));
  const blamed = set.length === 0 ? involved.slice(0, 1) : set;
  return new AfterimageError("method/settings", {
    what: "these settings do not go together",
    where: blamed.map((name) => optionName(`${prefix}${name}`)).join(", "),
    expected: `${involved[0]} ${message.replace(/^must be/, "to be")}`,
    got: involved.map((name) => `${name} ${shown(given[name])}`).join(", "),
  });
}

/** Whether a rule of a schema's own names a setting. */
function names({ message }: Issue, setting: string): boolean {
  return message.split(/\W+/).includes(setting);
}

function shown(value: unknown): string {
  return typeof value === "number" ? `${value}` : JSON.stringify(value);
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
  return issue.message.replace(/^must be /, "");
}

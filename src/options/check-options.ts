/** Checks the options of a job against its schema, because a program without types can give anything. */
import * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { suggestion } from "./nearest-word.ts";
import { memberOf, valueSchema } from "./option-facts.ts";
import { readValue } from "./read-value.ts";
import { ruleText } from "./rule-text.ts";

type Place = readonly string[];

/**
 * @throws AfterimageError `usage/option`, `usage/missing` or `usage/value`, with a place such as
 * `job({ option })`.
 */
export function checkOptions(job: string, asked: unknown, schema: z.ZodObject): void {
  const options = withoutUndefined(asked ?? {}, schema);
  const { issues = [] } = schema.safeParse(options).error ?? {};
  const unknown = issues.find(({ code }) => code === "unrecognized_keys");
  const issue = unknown ?? issues[0];
  if (issue === undefined) return;
  const { place, option } = optionAt(schema, issue.path);
  if (issue.code === "unrecognized_keys") throw unknownOption(job, [...place, issue.keys[0]!], option);
  if (place.length === 0) throw noOptions(job, options);
  const value = valueAt(options, place);
  if (value === undefined) throw missing(placeText(job, place), ruleText(option));
  readValue(option, value, placeText(job, place));
}

/** Leaves out options that are undefined. Unknown names stay, so that they are refused. */
function withoutUndefined(options: unknown, schema: z.ZodObject): unknown {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  const entries = Object.entries(options).flatMap(([name, value]) => {
    const option = memberOf(schema, name);
    if (option === undefined) return [[name, value] as const];
    const inner = valueSchema(option);
    const kept = inner instanceof z.ZodObject ? withoutUndefined(value, inner) : value;
    return kept === undefined ? [] : [[name, kept] as const];
  });
  return Object.fromEntries(entries);
}

/** The innermost option on a path, which may lead on into the option's value, such as a list. */
function optionAt(schema: z.ZodObject, path: readonly PropertyKey[]): { place: Place; option: z.ZodType } {
  let option: z.ZodType = schema;
  const place: string[] = [];
  for (const name of path) {
    const inner = memberOf(option, String(name));
    if (inner === undefined) break;
    option = inner;
    place.push(String(name));
  }
  return { place, option };
}

function valueAt(options: unknown, place: Place): unknown {
  return place.reduce((outer, name) => (outer as Record<string, unknown>)[name], options);
}

/** `pretrain({ backboneOptions: { patch } })`. */
function placeText(job: string, place: Place): string {
  return `${job}({ ${place.reduceRight((inner, name) => `${name}: { ${inner} }`)} })`;
}

function missing(where: string, expected: string): AfterimageError {
  return new AfterimageError("usage/missing", {
    what: "an option that is needed is missing",
    ...{ where, expected },
  });
}

function noOptions(job: string, got: unknown): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "these are no options",
    where: job,
    expected: "an object of keys and values",
    got: Array.isArray(got) ? "a list" : typeof got,
  });
}

function unknownOption(job: string, place: Place, holder: z.ZodType): AfterimageError {
  const name = place.at(-1)!;
  const outer = valueSchema(holder);
  const known = outer instanceof z.ZodObject ? Object.keys(outer.shape) : [];
  const todo = suggestion(name, known);
  return new AfterimageError("usage/option", {
    what: `there is no option "${name}"`,
    where: placeText(job, place),
    expected: `some of ${known.join(", ")}`,
    ...(todo === "" ? {} : { todo }),
  });
}

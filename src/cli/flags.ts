/** The flags of a command, read from the schema of its job's options. */
import type * as z from "zod";
import { factsOf, valueSchema } from "../options/option-facts.ts";
import { flagOf } from "./flag-of.ts";

export interface Flag {
  /** Its name in camel case, which is also its entry in a configuration file. */
  name: string;
  /** The path of its value in the job's options: `["backboneOptions", "patch"]`. */
  place: readonly string[];
  option: z.ZodType;
}

/** In the order of the help. */
export function flagsOf(schema: z.ZodObject): Flag[] {
  return flagsIn(schema.shape, []);
}

/** The options that are arguments without a flag, in order: `<run> <pictures>`. */
export function wordsOf(schema: z.ZodObject): string[] {
  return Object.keys(schema.shape).filter((name) => factsOf(schema.shape[name]!).shown === "word");
}

function flagsIn(options: z.core.$ZodShape, holder: readonly string[]): Flag[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const { shown = "flag", called = name, holds = {} } = factsOf(option);
    const place = [...holder, name];
    return shown === "flag" ? [{ name: called, place, option: option as z.ZodType }] : flagsIn(holds, place);
  });
}

/** `--batch-size`, or `--no-labels` for an option that is on by default. */
export function flagText({ name, option }: Flag): string {
  return flagOf(factsOf(option).off === undefined ? name : `no${name[0]!.toUpperCase()}${name.slice(1)}`);
}

/** Whether the flag may have no value. */
export function isSwitch({ option }: Flag): boolean {
  return valueSchema(option).safeParse(true).success;
}

/** Values by the names of their flags, in the form of the job's options, some of which contain others. */
export function optionsOf(flags: readonly Flag[], values: Readonly<Record<string, unknown>>): object {
  const options: Record<string, unknown> = {};
  for (const { name, place } of flags) if (values[name] !== undefined) put(options, place, values[name]);
  return options;
}

function put(options: Record<string, unknown>, [name, ...inner]: readonly string[], value: unknown): void {
  if (inner.length === 0) {
    options[name!] = value;
    return;
  }
  const held = { ...(options[name!] as object | undefined) };
  put(held, inner, value);
  options[name!] = held;
}

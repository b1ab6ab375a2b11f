/** Messages of the library for users of flags: `--batch-size` in place of `batchSize`. */
import type * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { factsOf } from "../options/option-facts.ts";
import { type NamedOption, renameOptions } from "../options/option-name.ts";
import { type Flag, flagsOf, flagText, wordsOf } from "./flags.ts";

export type WriteMessage = (message: string) => string;

/** Writes the options of a job as flags of the command line, and options without a flag by their names. */
export function messageWriter(schema: z.ZodObject): WriteMessage {
  const flags = new Map(flagsOf(schema).map((flag) => [flag.place.at(-1)!, flag]));
  const words = new Map(
    wordsOf(schema).map((name) => [name, `<${factsOf(schema.shape[name]!).placeholder}>`]),
  );
  const hasSettings = schema.shape.settings !== undefined;
  return (message) =>
    renameOptions(message, (named) => {
      const setting = hasSettings ? settingText(named) : null;
      const flag = flags.get(named.name);
      return setting ?? words.get(named.name) ?? (flag ? flagWithValue(flag, named) : plainText(named));
    });
}

/** `--set temperature=0.1` for `settings.temperature`; the optimiser's settings keep their prefix. */
function settingText({ name, value }: NamedOption): string | null {
  if (!/^(settings|training)\./.test(name)) return null;
  return `--set ${name.replace(/^settings\./, "")}${value === undefined ? "" : `=${value}`}`;
}

function flagWithValue(flag: Flag, { value = true }: NamedOption): string {
  return typeof value === "boolean" ? flagText(flag) : `${flagText(flag)} ${value}`;
}

function plainText({ name, value }: NamedOption): string {
  return value === undefined ? name : `${name} ${value}`;
}

/** The same error with flags in its words; anything other than our errors is returned as it is. */
export function errorInFlags(error: unknown, write: WriteMessage): unknown {
  if (!(error instanceof AfterimageError)) return error;
  const { what, details, ...more } = error.evidence;
  const written = Object.entries(more).map(([part, text]) => [part, write(text)] as const);
  const evidence = { what: write(what), ...Object.fromEntries(written), ...(details && { details }) };
  return new AfterimageError(error.code, evidence, { cause: error });
}

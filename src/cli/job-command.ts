/** A command that calls a job: flags and help are read from the schema of the job's options. */
import type { Command } from "commander";
import type * as z from "zod";
import { AfterimageError } from "../errors.ts";
import { factsOf, isNeeded } from "../options/option-facts.ts";
import { flagOption, flagWithValue } from "./flag-option.ts";
import { type Flag, flagsOf, optionsOf, wordsOf } from "./flags.ts";
import { errorInFlags, messageWriter } from "./in-flags.ts";
import { JobCall } from "./job-call.ts";

export interface JobCommand<Options> {
  schema: z.ZodObject;
  examples: string;
  /** Adds flags that are not options of the job. */
  more?(command: Command): void;
  run(call: JobCall<Options>): Promise<void>;
}

export function addJob<Options>(
  command: Command,
  { schema, examples, more, run }: JobCommand<Options>,
): void {
  const [flags, words, write] = [flagsOf(schema), wordsOf(schema), messageWriter(schema)];
  for (const [at, name] of words.entries())
    command.registeredArguments[at]!.description = factsOf(schema.shape[name]!).description;
  for (const flag of flags) command.addOption(flagOption(flag, write));
  more?.(command);
  command.addHelpText("after", examples).action(async (...given: unknown[]) => {
    const values = command.opts();
    const options = {
      ...Object.fromEntries(words.map((name, at) => [name, given[at]])),
      ...optionsOf(flags, givenValues(command, flags)),
    };
    requireFlags(flags, values);
    try {
      await run(new JobCall(options as Options, values, write));
    } catch (error) {
      throw errorInFlags(error, write);
    }
  });
}

/**
 * The values that were given. Commander also has values for flags that were not given, such as true for
 * `--no-labels`.
 */
function givenValues(command: Command, flags: readonly Flag[]): Record<string, unknown> {
  const given = flags.filter(({ name }) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(({ name }) => [name, command.getOptionValue(name)]));
}

/**
 * Refuses a call without required flags. Commander cannot do this, because it checks required flags before
 * unknown ones: it would answer `--dta x` with "--data is missing".
 *
 * @throws AfterimageError `usage/missing`.
 */
function requireFlags(flags: readonly Flag[], values: Readonly<Record<string, unknown>>): void {
  const missing = flags.find(({ name, option }) => isNeeded(option) && values[name] === undefined);
  if (missing === undefined) return;
  throw new AfterimageError("usage/missing", {
    what: "a required flag is missing",
    where: flagWithValue(missing),
  });
}

/** The flags of `npm run quality -- --text`. */
import { Command, InvalidArgumentError, Option } from "commander";
import { USUAL_FOLDER } from "./addresses.ts";
import { WAYS } from "./ways.ts";

export interface TextOptions {
  addresses: string;
  /** V of each table. */
  vocabularies: readonly number[];
  /** Names of ways; null for all. */
  ways: readonly string[] | null;
  seed: number;
  /** Folder of the result files. */
  results: string;
  /** The page whose results are written after every run, and the plot beside it. */
  report: string;
  /** Whether results that are there are done again. */
  force: boolean;
  /** Whether nothing is run. */
  reportOnly: boolean;
}

export const USUAL_VOCABULARIES: readonly number[] = [1000, 5000, 20_000, 50_000];

/**
 * @param words as they stand after the command, `--text` among them.
 * @throws CommanderError for what is not known or out of range, and where help was asked for and given.
 */
export function parseTextOptions(words: readonly string[]): TextOptions {
  const names = WAYS.map(({ name }) => name);
  const command = new Command("npm run quality -- --text")
    .description("Trains n-gram models on the State of the Union addresses, and writes what they reach.")
    .addOption(new Option("--text").hideHelp())
    .option("--addresses <folder>", "of the files <year>_<name>_<party>.txt", USUAL_FOLDER)
    .addOption(
      new Option("--vocabularies <sizes>", "separated by commas")
        .argParser(sizes)
        .default(USUAL_VOCABULARIES, USUAL_VOCABULARIES.join()),
    )
    .addOption(
      new Option("--ways <names>", `separated by commas, of ${names.join(", ")} (default: all)`).argParser(
        (text: string) => text.split(",").map((name) => known(name, names)),
      ),
    )
    .option("--seed <number>", "of first values, order and noise", wholeNumber, 0)
    .option("--results <folder>", "of the result files", "quality/text/results")
    .option("--report <file>", "the page in which the results stand", "docs/from-nce-to-infonce.md")
    .option("--force", "do again what has a result", false)
    .option("--report-only", "run nothing, write the report from the results that are there", false)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} }) // the caller tells
    .exitOverride();
  const absent = { ways: null };
  return { ...absent, ...command.parse([...words], { from: "user" }).opts<TextOptions>() };
}

function known(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  throw new InvalidArgumentError(`${name} is not one of ${names.join(", ")}.`);
}

function sizes(text: string): number[] {
  return text.split(",").map((word) => {
    const size = Number(word);
    if (Number.isSafeInteger(size) && size >= 3) return size;
    throw new InvalidArgumentError("They must be whole numbers, 3 or more, separated by commas.");
  });
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("It must be a whole number, 0 or more.");
}

/** The flags of `npm run quality`. */

import { physicalCores } from "afterimage";
import { Command, InvalidArgumentError, Option } from "commander";
import { USUAL_MINUTES } from "./result.ts";

export interface QualityOptions {
  /** Names; null for all that can be run. */
  methods: string[] | null;
  sets: string[] | null;
  seeds: number[] | null;
  /** Of training, for each run. */
  minutes: number;
  /** Epochs that the minutes are known to allow on a quiet machine; undefined to time a few steps. */
  epochs?: number;
  fashionMnist: string | null;
  python: string | null;
  threads: number;
  /** Folder of the result files. */
  results: string;
  /** The file that is written after every run. */
  report: string;
  /** Whether results that are there are done again. */
  force: boolean;
  /** Whether nothing is run. */
  reportOnly: boolean;
  /** Whether the bounds on mutual information are trained, in place of the methods. */
  bounds: boolean;
}

export interface KnownNames {
  methods: readonly string[];
  sets: readonly string[];
}

/**
 * @param words as they stand after the command.
 * @throws CommanderError for what is not known or out of range, and where help was asked for and given.
 */
export function parseOptions(words: readonly string[], known: KnownNames): QualityOptions {
  const command = new Command("npm run quality --")
    .description("Trains every method for the same time, judges what it learned, and writes docs/quality.md.")
    .addOption(names("--methods <names>", known.methods, "all that can be run"))
    .addOption(names("--sets <names>", known.sets, "emoji, and fashion-mnist where its folder is given"))
    .option("--seeds <numbers>", "such as 0,1,2 (default: 0,1,2 on emoji, 0 on fashion-mnist)", seedList)
    .option("--minutes <n>", "of training, for each run", positive, USUAL_MINUTES)
    .option(
      "--epochs <x>",
      "that so many minutes are on a quiet machine: on a busy one no pace is taken",
      positive,
    )
    .option("--fashion-mnist <folder>", "where its four IDX files are")
    .option("--python <path>", "a Python with torch, torchvision, timm and lightly, for the peers")
    .option("--threads <n>", "of the processor", count, physicalCores())
    .option("--results <folder>", "of the result files", "quality/results")
    .option("--report <file>", "that is written after every run", "docs/quality.md")
    .option("--force", "do again what has a result", false)
    .option("--report-only", "run nothing, write the report from the results that are there", false)
    .option("--bounds", "train the bounds on mutual information on Gaussians instead", false)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} }) // the caller tells
    .exitOverride();
  const given = command.parse([...words], { from: "user" }).opts<Partial<QualityOptions>>();
  const absent = { methods: null, sets: null, seeds: null, fashionMnist: null, python: null };
  return { ...absent, ...(given as QualityOptions) };
}

function names(flags: string, known: readonly string[], standard: string): Option {
  return new Option(flags, `separated by commas, of ${known.join(", ")} (default: ${standard})`).argParser(
    (text: string) =>
      text.split(",").map((name) => {
        if (known.includes(name)) return name;
        throw new InvalidArgumentError(`${name} is not one of ${known.join(", ")}.`);
      }),
  );
}

function seedList(text: string): number[] {
  return text.split(",").map((word) => {
    const seed = Number(word);
    if (word.trim() !== "" && Number.isSafeInteger(seed) && seed >= 0) return seed;
    throw new InvalidArgumentError("They must be whole numbers, 0 or more, separated by commas.");
  });
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It must be above 0.");
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError("It must be a whole number above 0.");
}

/** The flags of `npm run quality`. */

import { physicalCores } from "afterimage";
import { Command, InvalidArgumentError, Option } from "commander";
import { USUAL_MINUTES } from "./result.ts";

export interface QualityOptions {
  /** Names; null for everything that can be run. */
  methods: string[] | null;
  sets: string[] | null;
  seeds: number[] | null;
  /** Minutes of training for each run. */
  minutes: number;
  /** The number of epochs that fit the minutes on a quiet machine; undefined to time a few steps. */
  epochs?: number;
  fashionMnist: string | null;
  python: string | null;
  threads: number;
  /** Folder of the result files. */
  results: string;
  /** The file that is written after every run. */
  report: string;
  /** Whether runs with a result are repeated. */
  force: boolean;
  /** Whether no run is done. */
  reportOnly: boolean;
  /** Whether the bounds on mutual information are trained, in place of the methods. */
  bounds: boolean;
  /** Whether encoders are used with few labels, instead. */
  fewLabels: boolean;
  /** Folder of the encoders that are used with few labels. */
  encoders: string;
}

export interface KnownNames {
  methods: readonly string[];
  sets: readonly string[];
}

/**
 * @param words the words after the command.
 * @throws CommanderError for unknown names and values out of range, and after printing the help.
 */
export function parseOptions(words: readonly string[], known: KnownNames): QualityOptions {
  const command = new Command("npm run quality --")
    .description("Trains every method for the same time, evaluates it, and writes docs/quality.md.")
    .addOption(names("--methods <names>", known.methods, "all"))
    .addOption(names("--sets <names>", known.sets, "emoji, and fashion-mnist if its folder is given"))
    .option("--seeds <numbers>", "such as 0,1,2 (default: 0,1,2 on emoji, 0 on fashion-mnist)", seedList)
    .option("--minutes <n>", "minutes of training for each run", positive, USUAL_MINUTES)
    .option(
      "--epochs <x>",
      "epochs that fit the minutes on a quiet machine (default: a few steps are timed)",
      positive,
    )
    .option("--fashion-mnist <folder>", "folder of its four IDX files")
    .option("--python <path>", "a Python with torch, torchvision, timm and lightly, for the peers")
    .option("--threads <n>", "threads of the processor", count, physicalCores())
    .option("--results <folder>", "folder of the result files", "quality/results")
    .option("--report <file>", "report, written after every run", "docs/quality.md")
    .option("--force", "repeat runs that have a result", false)
    .option("--report-only", "run nothing, only write the report from existing results", false)
    .option("--bounds", "train the bounds on mutual information on Gaussians instead", false)
    .option(
      "--few-labels",
      "use encoders with 1 % and 10 % of the labels instead, and write docs/few-labels.md",
      false,
    )
    .option(
      "--encoders <folder>",
      "with --few-labels: folder of the encoders' runs, resumed if there are some",
      "runs/few-labels",
    )
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} }) // the caller prints errors
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

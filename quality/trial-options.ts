/** The command line of a trial. */
import { Command, InvalidArgumentError, Option } from "commander";

export interface TrialOptions {
  set: string;
  method: string;
  epochs: number;
  seed: number;
  threads: number;
  /** Settings in place of the method's defaults. */
  settings: Readonly<Record<string, unknown>>;
  /** Settings in place of the optimiser's defaults. */
  training: Readonly<Record<string, unknown>>;
  batchSize?: number;
  imageSize?: number;
  fashionMnist: string | null;
}

/**
 * @param words the words after the command.
 * @throws CommanderError for unknown or missing flags and values out of range, and after printing the help.
 */
export function parseTrial(words: readonly string[], sets: readonly string[]): TrialOptions {
  const command = new Command("npm run trial --")
    .description("Trains one method for a fixed number of epochs, evaluates it, and prints one line of JSON.")
    .addOption(new Option("--set <name>", "pictures to train on").choices([...sets]).makeOptionMandatory())
    .option("--method <name>", "method to train", "simclr")
    .addOption(
      new Option("--epochs <n>", "number of epochs; fractions allowed")
        .argParser(positive)
        .makeOptionMandatory(),
    )
    .option("--set-setting <name=value>", "a setting of the method, repeatable", assigned, {})
    .option("--training <name=value>", "a setting of the optimiser, repeatable", assigned, {})
    .option("--batch-size <n>", "pictures in a step", positive)
    .option("--image-size <n>", "in pixels", positive)
    .option("--seed <n>", "seed of the run", seedOf, 0)
    .option("--threads <n>", "threads of the processor", positive, 1)
    .option("--fashion-mnist <folder>", "folder of its four IDX files")
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} }) // the caller prints errors
    .exitOverride();
  const { setSetting, ...rest } = command
    .parse([...words], { from: "user" })
    .opts<Omit<TrialOptions, "settings"> & { setSetting: Record<string, unknown> }>();
  return { ...rest, settings: setSetting, fashionMnist: rest.fashionMnist ?? null };
}

/** `name=value`. The value is JSON if it parses as such, otherwise text. */
function assigned(text: string, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cut = text.indexOf("=");
  if (cut < 1) throw new InvalidArgumentError("It must be <name>=<value>.");
  return { ...before, [text.slice(0, cut)]: parsedValue(text.slice(cut + 1)) };
}

function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new InvalidArgumentError("It must be a whole number, 0 or more.");
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It must be above 0.");
}

/** `afterimage pretrain`: from pictures to a trained encoder. */
import { type Command, Option } from "commander";
import { flagOf } from "../jobs/flag-of.ts";
import type { PretrainOptions, PretrainResult } from "../jobs/pretrain.ts";
import { text } from "../jobs/value-kinds.ts";
import { CHOICE_NAMES, CHOICES, type Choice, type Chosen, toJobChoices } from "./choices.ts";
import { EXIT } from "./exit-status.ts";
import { counted } from "./format.ts";
import { catchInterruption } from "./interruption.ts";
import { type OutputOptions, printMessage, printNotes, printOutcome } from "./output.ts";
import { type Overrides, readAssignment } from "./overrides.ts";
import { summarizePretraining } from "./pretrain-summary.ts";
import { allFilesOption, verifyOption } from "./shared-options.ts";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";
import { withProgress } from "./show-progress.ts";
import { valueOption } from "./value-option.ts";

interface Flags extends Chosen, OutputOptions {
  resume?: boolean;
  force?: boolean;
  morePictures?: boolean;
  verify?: boolean;
  config?: string;
  set?: Overrides;
}

const EXAMPLES = `
Examples:
  afterimage pretrain ~/pictures --epochs 100 --out runs/mine
  afterimage pretrain ~/pictures --method dino --backbone vit_small --image-size 96 --out runs/dino
  afterimage pretrain ~/pictures --set temperature=0.1 --set training.learningRate=0.5`;

export function pretrainCommand(command: Command): void {
  for (const name of CHOICE_NAMES) command.addOption(choiceOption(name));
  command
    .option("--resume", "go on with the run in --out from its last checkpoint")
    .option("--more-pictures", "with --resume: go on although pictures were added, with all of them")
    .option("--force", "start over where there is a run in --out: what it wrote is removed")
    .addOption(verifyOption())
    .addOption(
      valueOption(
        "--config",
        text("file"),
        "JSON file with choices by name, or config.json of a run to repeat; flags win over it",
      ),
    )
    .addOption(
      new Option(
        "--set <key=value>",
        "a setting of the method, or training.<key>, as afterimage methods lists them; may be repeated",
      ).argParser((given, before: Overrides | undefined) =>
        readAssignment(given, before ?? { settings: {}, training: {} }),
      ),
    )
    .addHelpText("after", EXAMPLES)
    .action((pictures: string, flags: Flags) => run(pictures, flags, command));
}

function choiceOption(name: keyof Chosen): Option {
  const { kind, help, fallback }: Choice = CHOICES[name];
  // Labels are used unless the flag says no, so it is the one without a value.
  if (name === "allFiles") return allFilesOption();
  if (name === "labels") return new Option("--no-labels", `${help} (default: ${fallback})`);
  return valueOption(flagOf(name), kind, help, fallback);
}

async function run(pictures: string, flags: Flags, command: Command): Promise<void> {
  const { chosen, overrides } = await gather(flags, command);
  const { checkNames } = await import("./check-names.ts");
  checkNames(chosen, overrides);
  const choices = { ...toJobChoices(chosen), ...overrides, pictures, ...modeOf(flags) };
  const result = await train(choices, flags);
  if (result === null || result.interrupted) reportInterruption(result, { pictures, flags, chosen });
  else printOutcome(result, summarizePretraining(result, { pictures, ...chosen }), flags);
}

function modeOf({
  resume = false,
  force = false,
  morePictures = false,
  verify = false,
}: Flags): Pick<PretrainOptions, "resume" | "force" | "morePictures" | "verify"> {
  return { resume, force, morePictures, verify };
}

/** Trains until the end or a signal; null when stopped before there was a run. */
async function train(choices: PretrainOptions, flags: Flags): Promise<PretrainResult | null> {
  const { pretrain } = await import("../jobs/pretrain.ts");
  return withProgress(flags, async ({ onProgress, print }) => {
    const { signal, dispose } = catchInterruption((name) =>
      print(`${name}: finishing the step and writing a checkpoint; a second one stops at once`),
    );
    try {
      return await pretrain({ ...choices, signal, onProgress });
    } catch (error) {
      if (signal.aborted && error === signal.reason) return null;
      throw error;
    } finally {
      dispose();
    }
  });
}

/** Flags over the configuration file, `--set` over both. */
async function gather(flags: Flags, command: Command): Promise<{ chosen: Chosen; overrides: Overrides }> {
  const { readConfigFile } = await import("./config-file.ts");
  const nothing = { chosen: {}, overrides: { settings: {}, training: {} }, notes: [] };
  const file = flags.config === undefined ? nothing : await readConfigFile(flags.config);
  printNotes(file.notes);
  const given = CHOICE_NAMES.filter((name) => command.getOptionValueSource(name) === "cli");
  const said: Chosen = Object.fromEntries(given.map((name) => [name, flags[name]]));
  const { settings, training } = flags.set ?? nothing.overrides;
  return {
    chosen: { ...file.chosen, ...said },
    overrides: {
      settings: { ...file.overrides.settings, ...settings },
      training: { ...rateOf(file.chosen), ...file.overrides.training, ...rateOf(said), ...training },
    },
  };
}

function rateOf({ learningRate }: Chosen): { learningRate?: number } {
  return learningRate === undefined ? {} : { learningRate };
}

interface Interrupted {
  pictures: string;
  flags: Flags;
  chosen: Chosen;
}

/** Says how to go on, and sets the exit status. */
function reportInterruption(result: PretrainResult | null, { pictures, flags, chosen }: Interrupted): void {
  process.exitCode = EXIT.interrupted;
  if (flags.json) printOutcome(result ?? { run: null, interrupted: true }, "", flags);
  if (result === null) {
    const command = shellWords(["afterimage", ...process.argv.slice(2)]);
    printMessage(`Stopped while the pictures were being read. Go on with: ${command}`);
    return;
  }
  const command = resumeCommand(result.run, pictures, chosen);
  printMessage(`Stopped after ${counted(result.steps, "step")}. Go on with: ${command}`);
}

/** What is not kept with the run has to be said again. */
function resumeCommand(run: string, pictures: string, chosen: Chosen): string {
  const { threads, cacheDir, monitorEvery, checkpointEvery, split, labels, allFiles } = chosen;
  const again = { threads, cacheDir: cacheDir && pathWord(cacheDir), monitorEvery, checkpointEvery, split };
  const flags = Object.fromEntries(Object.entries(again).map(([name, value]) => [flagOf(name), value]));
  const switches = {
    "--no-labels": labels === false ? true : undefined,
    "--all-files": allFiles ? true : undefined,
  } as const;
  const words = flagWords({ ...flags, ...switches });
  return shellWords([
    "afterimage",
    "pretrain",
    pathWord(pictures),
    "--resume",
    "--out",
    pathWord(run),
    ...words,
  ]);
}

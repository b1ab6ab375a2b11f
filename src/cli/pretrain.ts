/** `afterimage pretrain`: from pictures to a trained encoder. */
import { type Command, Option } from "commander";
import { flagOf } from "../jobs/flag-of.ts";
import type { PretrainOptions, PretrainResult } from "../jobs/pretrain.ts";
import type { OnProgress, Progress } from "../jobs/progress.ts";
import { RESUME, readValue, text } from "../jobs/value-kinds.ts";
import type { Decision } from "../train/run-config.ts";
import { CHOICE_NAMES, CHOICES, type Choice, type Chosen, toJobChoices } from "./choices.ts";
import type { FileChoices } from "./config-file.ts";
import { counted } from "./format.ts";
import { catchInterruption, type Interruption, type SignalName, statusOf } from "./interruption.ts";
import { type OutputOptions, printMessage, printNotes, printOutcome } from "./output.ts";
import { type Overrides, readAssignment } from "./overrides.ts";
import { summarizePretraining } from "./pretrain-summary.ts";
import { allFilesOption, verifyOption } from "./shared-options.ts";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";
import { withProgress } from "./show-progress.ts";
import { valueOption } from "./value-option.ts";

interface Flags extends Chosen, OutputOptions {
  resume?: boolean | "auto";
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
    .addOption(resumeOption())
    .option("--more-pictures", "with --resume: include pictures that were added since")
    .option("--force", "start over: delete the files of an existing run in --out")
    .addOption(verifyOption())
    .addOption(
      valueOption(
        "--config",
        text("file"),
        "JSON file of options and settings, or the config.json of a run to repeat; flags override it",
      ),
    )
    .addOption(
      new Option(
        "--set <key=value>",
        "set a setting of the method, or training.<key>; afterimage methods <name> lists them; can be given several times",
      ).argParser((given, before: Overrides | undefined) =>
        readAssignment(given, before ?? { settings: {}, training: {} }),
      ),
    )
    .addHelpText("after", EXAMPLES)
    .action((pictures: string, flags: Flags) => run(pictures, flags, command));
}

function choiceOption(name: keyof Chosen): Option {
  const { kind, help, fallback }: Choice = CHOICES[name];
  // Labels are used by default, so this flag turns them off and has no value.
  if (name === "allFiles") return allFilesOption();
  if (name === "labels") return new Option("--no-labels", `${help} (default: ${fallback})`);
  return valueOption(flagOf(name), kind, help, fallback);
}

/** See `resumeWords` for how its value is found. */
function resumeOption(): Option {
  const help = "resume the run in --out from its last checkpoint; auto: start a run if there is none";
  const kind = { ...RESUME, expected: "auto, or no value" };
  return new Option(`--resume [${kind.placeholder}]`, help).argParser((given) =>
    readValue(kind, kind.fromText(given), "--resume", given),
  );
}

async function run(pictures: string, flags: Flags, command: Command): Promise<void> {
  const { chosen, overrides, repeats } = await gather(flags, command);
  const { checkNames } = await import("./check-names.ts");
  checkNames(chosen, overrides);
  const repeated = repeats === undefined ? {} : { repeats };
  const choices = { ...toJobChoices(chosen), ...overrides, ...repeated, pictures, ...modeOf(flags) };
  const { result, received } = await train(choices, flags);
  if (received !== null) process.exitCode = statusOf(received);
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

interface Trained {
  /** Null when stopped before there was a run. */
  result: PretrainResult | null;
  /** The signal by which it was stopped. */
  received: SignalName | null;
}

/** Trains until the end or a signal. */
async function train(choices: PretrainOptions, flags: Flags): Promise<Trained> {
  const { pretrain } = await import("../jobs/pretrain.ts");
  return withProgress(flags, async ({ onProgress, print }) => {
    const interruption = catchInterruption((name) => print(`${name}: ${STOPPING}`));
    const { signal } = interruption;
    try {
      const tell: OnProgress = (event) => {
        armFor(event, interruption);
        onProgress(event);
      };
      const result = await pretrain({ ...choices, signal, onProgress: tell });
      return { result, received: result.interrupted ? interruption.received : null };
    } catch (error) {
      if (signal.aborted && error === signal.reason) return { result: null, received: interruption.received };
      throw error;
    } finally {
      interruption.disarm();
    }
  });
}

const STOPPING = "stopping after the current step, whose result is kept; a second signal stops at once";

/** Signals are answered while pictures are read and from the first step on; in between they end the process. */
function armFor(event: Progress, { arm, disarm }: Interruption): void {
  if (event.type === "note" || event.type === "plan") return;
  if (event.type === "cache" && event.done >= event.total) disarm();
  else arm();
}

interface Gathered {
  chosen: Chosen;
  overrides: Overrides;
  /** Absent where a flag says how long to train. */
  repeats?: readonly Decision[];
}

/** Flags override the configuration file, and `--set` overrides both. */
async function gather(flags: Flags, command: Command): Promise<Gathered> {
  const { readConfigFile } = await import("./config-file.ts");
  const nothing: FileChoices = { chosen: {}, overrides: { settings: {}, training: {} }, notes: [] };
  const file = flags.config === undefined ? nothing : await readConfigFile(flags.config);
  printNotes(file.notes);
  const given = CHOICE_NAMES.filter((name) => command.getOptionValueSource(name) === "cli");
  const said: Chosen = Object.fromEntries(given.map((name) => [name, flags[name]]));
  const { settings, training } = flags.set ?? nothing.overrides;
  const repeats = said.epochs === undefined && said.minutes === undefined ? file.repeats : undefined;
  return {
    ...(repeats !== undefined && { repeats }),
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

/** Prints how to resume. */
function reportInterruption(result: PretrainResult | null, { pictures, flags, chosen }: Interrupted): void {
  if (flags.json) printOutcome(result ?? { run: null, interrupted: true }, "", flags);
  if (result === null) {
    const command = shellWords(["afterimage", ...process.argv.slice(2)]);
    printMessage(`Stopped before the first step. Continue with: ${command}`);
    return;
  }
  const command = resumeCommand(result.run, pictures, chosen);
  printMessage(`Stopped after ${counted(result.steps, "step")}. Resume with: ${command}`);
}

/** The command repeats the flags that the run does not store. */
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

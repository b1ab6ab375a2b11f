/** `afterimage pretrain`: from pictures to a trained encoder. */
import { type Command, Option } from "commander";
import type { PretrainResult } from "../jobs/pretrain.ts";
import { type NamedOptions, pretrainOptions } from "../jobs/pretrain-options.ts";
import { readValue } from "../options/read-value.ts";
import type { FileOptions } from "./config-file.ts";
import { flagOf } from "./flag-of.ts";
import { counted } from "./format.ts";
import { statusOf } from "./interruption.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { mergeOptions } from "./merge-options.ts";
import { printData, printMessage, printNotes } from "./output.ts";
import { type Overrides, readAssignment } from "./overrides.ts";
import { summarizePretraining } from "./pretrain-summary.ts";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";
import { type Trained, untilInterrupted } from "./until-interrupted.ts";

type Call = JobCall<CalledOptions>;

/** The command line has pictures by their path only. */
type CalledOptions = NamedOptions & { pictures: string };

const EXAMPLES = `
Examples:
  afterimage pretrain ~/pictures --epochs 100 --out runs/mine
  afterimage pretrain ~/pictures --method dino --backbone vit_small --image-size 96 --out runs/dino
  afterimage pretrain ~/pictures --set temperature=0.1 --set training.learningRate=0.5`;

export function pretrainCommand(command: Command): void {
  addJob(command, { schema: pretrainOptions, examples: EXAMPLES, more: addOverrides, run });
}

function addOverrides(command: Command): void {
  command
    .addOption(
      new Option(
        "--config <file>",
        "JSON file of options and settings, or the config.json of a run to repeat; flags override it",
      ).argParser(fileName),
    )
    .addOption(
      new Option(
        "--set <key=value>",
        "set a setting of the method, or training.<key>; afterimage methods <name> lists them; can be given several times",
      ).argParser((given, before: Overrides | undefined) =>
        readAssignment(given, before ?? { settings: {}, training: {} }),
      ),
    );
}

function fileName(given: string): string {
  return readValue(pretrainOptions.shape.out, given, "--config", { got: "nothing" })!;
}

async function run(call: Call): Promise<void> {
  const options = await gather(call);
  const { checkNames } = await import("./check-names.ts");
  checkNames(options);
  const { result, received } = await train(options, call);
  if (received !== null) process.exitCode = statusOf(received);
  if (result === null || result.interrupted) reportInterruption(result, options, call);
  else call.print(result, summarizePretraining(result, options));
}

/** Trains until the end or a signal. */
async function train(options: CalledOptions, call: Call): Promise<Trained<PretrainResult>> {
  const { pretrain } = await import("../jobs/pretrain.ts");
  return call.withProgress((view) =>
    untilInterrupted(view, (stoppable) => pretrain({ ...options, ...stoppable })),
  );
}

/** Passed even if no settings are given, so that resuming repeats the notes on settings. */
const NO_SETTINGS: Overrides = { settings: {}, training: {} };

/** Flags override the configuration file, and `--set` overrides both. */
async function gather({ options, values }: Call): Promise<CalledOptions> {
  const { readConfigFile } = await import("./config-file.ts");
  const { config, set } = values as { config?: string; set?: Overrides };
  const file: FileOptions = config === undefined ? { options: {}, notes: [] } : await readConfigFile(config);
  printNotes(file.notes);
  const merged = mergeOptions<CalledOptions>(NO_SETTINGS, file.options, options, set ?? {});
  const { repeats, ...others } = { ...merged, pictures: options.pictures };
  // The decisions about epochs are not repeated if a flag says how long to train.
  const isTimed = options.epochs !== undefined || options.minutes !== undefined;
  return repeats === undefined || isTimed ? others : { ...others, repeats };
}

/** Prints how to resume. */
function reportInterruption(result: PretrainResult | null, options: CalledOptions, call: Call): void {
  if (call.values.json) printData(result === null ? { run: null, interrupted: true } : call.inFlags(result));
  if (result === null) {
    const command = shellWords(["afterimage", ...process.argv.slice(2)]);
    printMessage(`Stopped before the first step. Continue with: ${command}`);
    return;
  }
  const command = resumeCommand(result.run, options);
  printMessage(`Stopped after ${counted(result.steps, "step")}. Resume with: ${command}`);
}

/** The command repeats the flags that the run does not store. */
function resumeCommand(run: string, options: CalledOptions): string {
  const { pictures, threads, cacheDir, monitorEvery, checkpointEvery, split, labels, allFiles } = options;
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

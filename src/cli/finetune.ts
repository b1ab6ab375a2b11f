/** `afterimage finetune`: from a pre-trained encoder and labels to a network that predicts them. */
import { type Command, Option } from "commander";
import type { FinetuneOptions, FinetuneResult } from "../jobs/finetune.ts";
import { finetuneOptions } from "../jobs/finetune-options.ts";
import { finetuneSummary } from "./finetune-summary.ts";
import { counted } from "./format.ts";
import { statusOf } from "./interruption.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { mergeOptions } from "./merge-options.ts";
import { printData, printMessage } from "./output.ts";
import { type Overrides, readAssignment } from "./overrides.ts";
import { pathWord, shellWords } from "./shell-words.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** The command line has run and pictures by their paths only. */
type CalledOptions = FinetuneOptions & { run: string; pictures: string };

type Call = JobCall<CalledOptions>;

const EXAMPLES = `
Examples:
  afterimage finetune runs/mine ~/flowers
  afterimage finetune runs/mine ~/flowers --labels 10% --out runs/flowers
  afterimage finetune runs/mine labels.csv --freeze all
  afterimage finetune runs/mine ~/flowers --set mixup=0.8 --set training.weightDecay=0.1`;

export function finetuneCommand(command: Command): void {
  addJob(command, { schema: finetuneOptions, examples: EXAMPLES, more: addOverrides, run });
}

function addOverrides(command: Command): void {
  command.addOption(
    new Option(
      "--set <key=value>",
      "set a setting of fine-tuning, or training.<key>; docs/fine-tuning.md lists them; can be given several times",
    ).argParser((given, before: Overrides | undefined) =>
      readAssignment(given, before ?? { settings: {}, training: {} }),
    ),
  );
}

async function run(call: Call): Promise<void> {
  const { set } = call.values as { set?: Overrides };
  const options = mergeOptions<CalledOptions>(call.options, set ?? {}) as CalledOptions;
  const { finetune } = await import("../jobs/finetune.ts");
  const { result, received } = await call.withProgress((view) =>
    untilInterrupted(view, (stoppable) => finetune({ ...options, ...stoppable })),
  );
  if (received !== null) process.exitCode = statusOf(received);
  if (result === null || result.interrupted) reportInterruption(result, call);
  else call.print(result, finetuneSummary(result, options));
}

/** Prints how to resume: the same command, which repeats its flags. */
function reportInterruption(result: FinetuneResult | null, call: Call): void {
  if (call.values.json) printData(result === null ? { run: null, interrupted: true } : call.inFlags(result));
  const again = process.argv.slice(2).filter((word) => word !== "--force" && word !== "--resume");
  const command = ["afterimage", ...again];
  if (result === null) {
    printMessage(`Stopped before the first step. Continue with: ${shellWords(command)}`);
    return;
  }
  const hasOut = again.some((word) => word === "--out" || word.startsWith("--out="));
  const words = [...command, "--resume", ...(hasOut ? [] : ["--out", pathWord(result.run)])];
  printMessage(`Stopped after ${counted(result.steps, "step")}. Resume with: ${shellWords(words)}`);
}

/** `afterimage finetune`: from a pre-trained encoder and labels to a network that predicts them. */
import type { Command } from "commander";
import type { FinetuneOptions } from "../jobs/finetune.ts";
import { finetuneOptions } from "../jobs/finetune-options.ts";
import { finetuneSummary } from "./finetune-summary.ts";
import { statusOf } from "./interruption.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { mergeOptions } from "./merge-options.ts";
import type { Overrides } from "./overrides.ts";
import { reportInterruption } from "./report-interruption.ts";
import { addSettings } from "./settings-flag.ts";
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
  addJob(command, { schema: finetuneOptions, examples: EXAMPLES, more: addSettings("fine-tuning"), run });
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

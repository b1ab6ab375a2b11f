/** `afterimage distill`: from a fine-tuned network and pictures to a student. */
import type { Command } from "commander";
import type { DistillOptions } from "../jobs/distill.ts";
import { distillOptions } from "../jobs/distill-options.ts";
import { distillSummary } from "./distill-summary.ts";
import { statusOf } from "./interruption.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { mergeOptions } from "./merge-options.ts";
import type { Overrides } from "./overrides.ts";
import { reportInterruption } from "./report-interruption.ts";
import { addSettings } from "./settings-flag.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** The command line has pictures by their path only. */
type CalledOptions = DistillOptions & { pictures: string };

type Call = JobCall<CalledOptions>;

const EXAMPLES = `
Examples:
  afterimage distill runs/flowers-fine-tuned ~/pictures --backbone resnet18
  afterimage distill runs/flowers-fine-tuned ~/pictures --from runs/mine --out runs/student
  afterimage distill runs/flowers-fine-tuned ~/flowers --label-weight 0.3 --temperature 2`;

export function distillCommand(command: Command): void {
  addJob(command, { schema: distillOptions, examples: EXAMPLES, more: addSettings("distillation"), run });
}

async function run(call: Call): Promise<void> {
  const { set } = call.values as { set?: Overrides };
  const options = mergeOptions<CalledOptions>(call.options, set ?? {}) as CalledOptions;
  const { distill } = await import("../jobs/distill.ts");
  const { result, received } = await call.withProgress((view) =>
    untilInterrupted(view, (stoppable) => distill({ ...options, ...stoppable })),
  );
  if (received !== null) process.exitCode = statusOf(received);
  if (result === null || result.interrupted) reportInterruption(result, call);
  else call.print(result, distillSummary(result, options));
}

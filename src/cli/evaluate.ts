/** `afterimage evaluate`: scores of an encoder, of raw pixels and of the untrained network. */
import type { Command } from "commander";
import { type EvaluateOptions, evaluateOptions, FEATURE_PROTOCOLS } from "../jobs/evaluate-options.ts";
import { evaluationTable } from "./evaluation-table.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";

const EXAMPLES = `
Examples:
  afterimage evaluate runs/mine --data ~/labelled
  afterimage evaluate runs/mine --data ~/labelled --protocol knn,linear --json`;

export function evaluateCommand(command: Command): void {
  addJob(command, { schema: evaluateOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<EvaluateOptions>): Promise<void> {
  const { evaluate } = await import("../jobs/evaluate.ts");
  const protocols = [...new Set(call.options.protocols ?? FEATURE_PROTOCOLS)];
  const options = { ...call.options, protocols };
  const result = await call.withProgress(({ onProgress }) => evaluate({ ...options, onProgress }));
  call.print(result, evaluationTable(result, options));
}

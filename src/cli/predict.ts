/** `afterimage predict`: the labels of pictures by a fine-tuned run. */
import type { Command } from "commander";
import type { PredictResult } from "../jobs/predict.ts";
import { type PredictOptions, predictOptions } from "../jobs/predict-options.ts";
import { counted, formatCount } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { predictionTable } from "./prediction-table.ts";
import { visibleLine } from "./visible-text.ts";

const EXAMPLES = `
Examples:
  afterimage predict runs/flowers ~/pictures
  afterimage predict runs/flowers ~/pictures --out labels.csv --top 3`;

/** As a file, it means standard output. */
const STANDARD_OUTPUT = "-";

export function predictCommand(command: Command): void {
  addJob(command, { schema: predictOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<PredictOptions>): Promise<void> {
  const { predict } = await import("../jobs/predict.ts");
  const { out, ...options } = call.options;
  const asked = out === undefined || out === STANDARD_OUTPUT ? options : { ...options, out };
  const result = await call.withProgress(({ onProgress }) => predict({ ...asked, onProgress }));
  call.print(result, summarize(result));
}

function summarize(result: PredictResult): string {
  const { out, task, pictures, unlike, predictions, skipped } = result;
  const left = skipped === 0 ? "" : `; ${counted(skipped, "picture")} skipped`;
  const strange =
    unlike === null || unlike === 0 ? "" : `; ${formatCount(unlike)} unlike all training pictures`;
  const counts = `${counted(pictures, "picture")}${strange}${left}`;
  if (predictions === null) return `${visibleLine(out ?? "")}: ${counts}`;
  return [predictionTable(task, predictions), "", counts].join("\n");
}

/** `afterimage export`: an encoder as an ONNX model. */
import type { Command } from "commander";
import type { ExportResult } from "../jobs/export-encoder.ts";
import { type ExportOptions, exportOptions } from "../jobs/export-options.ts";
import { formatCount } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { visibleLine } from "./visible-text.ts";

const EXAMPLES = `
Example:
  afterimage export runs/mine --out encoder.onnx`;

export function exportCommand(command: Command): void {
  addJob(command, { schema: exportOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<ExportOptions>): Promise<void> {
  const { exportEncoder } = await import("../jobs/export-encoder.ts");
  const result = await exportEncoder(call.options);
  call.printNotes(result.notes);
  call.print(result, summarize(result));
}

function summarize({ out, backbone, step, imageSize, features, labels, opset }: ExportResult): string {
  const more = labels === null ? "" : ` and the logits of ${formatCount(labels.length)} labels`;
  const shapes = `pictures of ${imageSize} × ${imageSize} to ${formatCount(features)} features${more}`;
  const after = step === null ? "" : ` after step ${formatCount(step)}`;
  return `${visibleLine(out)}: ${backbone}${after}, ${shapes}; opset ${opset}`;
}

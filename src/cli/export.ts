/** `afterimage export`: an encoder as an ONNX model. */
import type { Command } from "commander";
import type { ExportResult } from "../jobs/export-encoder.ts";
import { text, wholeNumber } from "../jobs/value-kinds.ts";
import { OPSETS } from "../onnx/opsets.ts";
import { formatCount } from "./format.ts";
import { type OutputOptions, printNotes, printOutcome } from "./output.ts";
import { requiredOption, requireFlag, valueOption } from "./value-option.ts";
import { visibleLine } from "./visible-text.ts";

type Flags = OutputOptions & { out?: string; opset?: number };

const EXAMPLES = `
Example:
  afterimage export runs/mine --out encoder.onnx`;

export function exportCommand(command: Command): void {
  const out = requiredOption("--out", text("file"), "file to write, a name that ends in .onnx");
  const { oldest, newest } = OPSETS;
  const help = `ONNX operator set, ${oldest} to ${newest}; more runtimes read older ones`;
  const opset = valueOption("--opset", wholeNumber(oldest, newest), help, `${oldest}`);
  command.addOption(out).addOption(opset).addHelpText("after", EXAMPLES).action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const out = requireFlag(flags.out, "--out <file>");
  const { exportEncoder } = await import("../jobs/export-encoder.ts");
  const result = await exportEncoder({ run: folder, out, ...(flags.opset && { opset: flags.opset }) });
  printNotes(result.notes);
  printOutcome(result, summarize(result), flags);
}

function summarize({ out, backbone, step, imageSize, features, opset }: ExportResult): string {
  const shapes = `pictures of ${imageSize} × ${imageSize} to ${formatCount(features)} features`;
  return `${visibleLine(out)}: ${backbone} after step ${formatCount(step)}, ${shapes}; opset ${opset}`;
}

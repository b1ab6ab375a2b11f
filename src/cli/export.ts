/** `afterimage export`: an encoder as an ONNX model. */
import type { Command } from "commander";
import type { ExportResult } from "../jobs/export-encoder.ts";
import { text } from "../jobs/value-kinds.ts";
import { formatCount } from "./format.ts";
import { type OutputOptions, printNotes, printOutcome } from "./output.ts";
import { requiredOption, requireFlag } from "./value-option.ts";
import { visibleLine } from "./visible-text.ts";

type Flags = OutputOptions & { out?: string };

const EXAMPLES = `
Example:
  afterimage export runs/mine --out encoder.onnx`;

export function exportCommand(command: Command): void {
  const out = requiredOption("--out", text("file"), "file to write: .onnx");
  command.addOption(out).addHelpText("after", EXAMPLES).action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const out = requireFlag(flags.out, "--out <file>");
  const { exportEncoder } = await import("../jobs/export-encoder.ts");
  const result = await exportEncoder({ run: folder, out });
  printNotes(result.notes);
  printOutcome(result, summarize(result), flags);
}

function summarize({ out, backbone, step, imageSize, features }: ExportResult): string {
  const shapes = `pictures of ${imageSize} × ${imageSize} to ${formatCount(features)} features`;
  return `${visibleLine(out)}: ${backbone} after step ${formatCount(step)}, ${shapes}`;
}

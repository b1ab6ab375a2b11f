/** `afterimage import`: weights of other projects as an encoder. */
import type { Command } from "commander";
import type { ImportResult } from "../jobs/import-encoder.ts";
import { type ImportOptions, importOptions } from "../jobs/import-options.ts";
import { counted, formatCount } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { preprocessingText } from "./preprocessing-text.ts";
import { pathWord, shellWords } from "./shell-words.ts";
import { visibleLine } from "./visible-text.ts";

const EXAMPLES = `
Examples:
  afterimage import ~/models/dinov2-small --out encoders/dinov2
  afterimage import dino_deitsmall16_pretrain.pth --as dino --out encoders/dino
  afterimage evaluate encoders/dino --data ~/labelled`;

export function importCommand(command: Command): void {
  addJob(command, { schema: importOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<ImportOptions>): Promise<void> {
  const { importEncoder } = await import("../jobs/import-encoder.ts");
  const result = await importEncoder(call.options);
  call.printNotes(result.notes);
  call.print(result, summarize(result));
}

function summarize(result: ImportResult): string {
  const { out, recognised, form, features, imageSize, preprocessing, elsewhere } = result;
  return [
    `${visibleLine(out)}: ${visibleLine(recognised)}; ${formatCount(features)} features, from ${form}`,
    preprocessingText(imageSize, preprocessing),
    ...leftOutLines(result),
    ...(elsewhere === 0 ? [] : [`not looked at: ${counted(elsewhere, "tensor")} in other parts of the file`]),
    `Next: ${shellWords(["afterimage", "evaluate", pathWord(out), "--data", "<pictures>"])}`,
  ].join("\n");
}

/** Tensors that were left out, by their reasons. */
function leftOutLines({ leftOut }: ImportResult): string[] {
  return [...new Set(leftOut.map(({ why }) => why))].map((reason) => {
    const tensors = leftOut.filter(({ why }) => why === reason);
    const names = tensors.slice(0, 3).map(({ name }) => visibleLine(name));
    const more = tensors.length > names.length ? ` and ${tensors.length - names.length} more` : "";
    return `left out: ${reason} (${names.join(", ")}${more})`;
  });
}

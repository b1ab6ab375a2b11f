/** `afterimage embed`: the features of pictures as a file. */
import type { Command } from "commander";
import type { EmbedResult } from "../jobs/embed.ts";
import { type EmbedOptions, embedOptions } from "../jobs/embed-options.ts";
import { counted, formatCount } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { addJob } from "./job-command.ts";
import { visibleLine } from "./visible-text.ts";

const EXAMPLES = `
Examples:
  afterimage embed runs/mine ~/pictures --out features.parquet
  afterimage embed runs/mine pictures.txt --out features.npy`;

export function embedCommand(command: Command): void {
  addJob(command, { schema: embedOptions, examples: EXAMPLES, run });
}

async function run(call: JobCall<EmbedOptions>): Promise<void> {
  const { embed } = await import("../jobs/embed.ts");
  const result = await call.withProgress(({ onProgress }) => embed({ ...call.options, onProgress }));
  call.print(result, summarize(result));
}

function summarize({ out, names, pictures, features, skipped }: EmbedResult): string {
  const left = skipped === 0 ? "" : `; ${counted(skipped, "picture")} skipped`;
  const first = `${visibleLine(out)}: ${counted(pictures, "picture")}, ${formatCount(features)} features each${left}`;
  return names === null ? first : `${first}\n${visibleLine(names)}: the name of each row`;
}

/** `afterimage embed`: the features of pictures as a file. */
import type { Command } from "commander";
import type { EmbedOptions, EmbedResult } from "../jobs/embed.ts";
import { text } from "../jobs/value-kinds.ts";
import { counted, formatCount } from "./format.ts";
import { type OutputOptions, printOutcome } from "./output.ts";
import { addPictureOptions, threadsOption } from "./shared-options.ts";
import { withProgress } from "./show-progress.ts";
import { requiredOption, requireFlag } from "./value-option.ts";
import { visibleLine } from "./visible-text.ts";

type Flags = OutputOptions & Partial<Omit<EmbedOptions, "run" | "pictures" | "onProgress">>;

const EXAMPLES = `
Examples:
  afterimage embed runs/mine ~/pictures --out features.parquet
  afterimage embed runs/mine pictures.txt --out features.npy`;

export function embedCommand(command: Command): void {
  const out = requiredOption(
    "--out",
    text("file"),
    "file to write: .parquet or .safetensors (with names and classes), or .npy (with a .names.json beside it)",
  );
  const split = { help: "split to embed, if the pictures have splits", fallback: "all" };
  addPictureOptions(command.addOption(out).addOption(threadsOption()), split)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(folder: string, pictures: string, flags: Flags): Promise<void> {
  const out = requireFlag(flags.out, "--out <file>");
  const { embed } = await import("../jobs/embed.ts");
  const { json: _, quiet: __, ...options } = flags;
  const result = await withProgress(flags, ({ onProgress }) =>
    embed({ ...options, run: folder, pictures, out, onProgress }),
  );
  printOutcome(result, summarize(result), flags);
}

function summarize({ out, names, pictures, features, skipped }: EmbedResult): string {
  const left = skipped === 0 ? "" : `; ${counted(skipped, "picture")} skipped`;
  const first = `${visibleLine(out)}: ${counted(pictures, "picture")}, ${formatCount(features)} features each${left}`;
  return names === null ? first : `${first}\n${visibleLine(names)}: the name of each row`;
}

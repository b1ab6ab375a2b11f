/** Chooses how progress is shown: a bar on a terminal, plain lines elsewhere, notes alone with `--quiet`. */
import { type OutputOptions, printNotes } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";
import { createProgressLines } from "./progress-lines.ts";
import type { ProgressView } from "./progress-view.ts";

/** No progress, but what a user should know of the result. */
const QUIET: ProgressView = {
  onProgress: (event) => event.type === "note" && !event.aside && printNotes([event.message]),
  print: () => {},
  end: () => {},
};

export function showProgress({ quiet = false }: OutputOptions): ProgressView {
  if (quiet) return QUIET;
  const canRewriteLines = process.stderr.isTTY && process.env.TERM !== "dumb";
  return canRewriteLines ? createProgressBar(process.stderr) : createProgressLines(process.stderr);
}

/** Shows the progress of `job` while it runs, and leaves the terminal clean however it ends. */
export async function withProgress<T>(
  options: OutputOptions,
  job: (view: ProgressView) => Promise<T>,
): Promise<T> {
  const view = showProgress(options);
  try {
    return await job(view);
  } finally {
    view.end();
  }
}

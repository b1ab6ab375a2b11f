/**
 * Progress as plain lines, for logs and pipes: one at the end of each epoch, and one after ten seconds of
 * silence.
 */
import type { Progress } from "../runs/progress.ts";
import { formatCount } from "./format.ts";
import { epochLines, isShown, stepFacts, workLabel } from "./progress-text.ts";
import type { ProgressView } from "./progress-view.ts";
import { visibleLine } from "./visible-text.ts";

const MILLISECONDS_BETWEEN_LINES = 10_000;

export function createProgressLines(
  stream: { write(text: string): unknown },
  now = () => performance.now(),
): ProgressView {
  let printedAt = now();
  let epochs = 0;
  const print = (line: string) => {
    stream.write(`${visibleLine(line)}\n`);
    printedAt = now();
  };
  const onProgress = (event: Progress) => {
    if (event.type === "note") return print(`note: ${event.message}`);
    if (event.type === "plan") return print(event.message);
    if (event.type === "epoch") {
      if (!isShown(event, epochs)) return;
      for (const line of epochLines(event, epochs)) print(line);
      return;
    }
    if (event.type === "step") epochs = event.epochs;
    if (now() - printedAt >= MILLISECONDS_BETWEEN_LINES) print(lineOf(event));
  };
  return { onProgress, print, end: () => {} };
}

function lineOf(event: Extract<Progress, { type: "step" | "cache" | "features" }>): string {
  if (event.type !== "step")
    return `${workLabel(event)}: ${formatCount(event.done)} of ${formatCount(event.total)}`;
  const { epoch, epochs, stepInEpoch, stepsPerEpoch } = event;
  return `epoch ${epoch}/${epochs}, step ${stepInEpoch}/${stepsPerEpoch}: ${stepFacts(event).join(", ")}`;
}

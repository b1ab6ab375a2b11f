/** Progress as one line at the bottom of a terminal, rewritten in place, with finished epochs above it. */
import { styleText } from "node:util";
import type { EpochRecord, Progress } from "../runs/progress.ts";
import { formatCount } from "./format.ts";
import { epochLines, isShown, qualityFacts, stepFacts, workLabel } from "./progress-text.ts";
import type { ProgressView } from "./progress-view.ts";
import { visibleLine } from "./visible-text.ts";

/** The part of a terminal that a bar needs; `process.stderr` is one. */
export interface TerminalStream {
  write(text: string): unknown;
  readonly columns?: number;
  /** Whether colours are wanted; respects NO_COLOR. */
  hasColors?(): boolean;
}

export interface BarLine {
  label: string;
  /** The finished share, 0 to 1. */
  share: number;
  /** Facts, shown from the first on as far as there is room. */
  facts: readonly string[];
}

const MILLISECONDS_BETWEEN_DRAWS = 60;
const LARGEST_BAR = 30;
const SMALLEST_BAR = 5;
const CLEAR_TO_END = "\x1b[K";

/**
 * Draws at most every 60 ms, with one write each, from within the call: a step blocks the event loop, so that
 * no timer would fire. `end` removes the bar from the terminal.
 */
export function createProgressBar(stream: TerminalStream, now = () => performance.now()): ProgressView {
  let [drawn, drawnAt] = ["", Number.NEGATIVE_INFINITY];
  let [epochs, quality] = [0, [] as string[]];
  const draw = (line: BarLine, last: boolean) => {
    if (!last && now() - drawnAt < MILLISECONDS_BETWEEN_DRAWS) return;
    // One column is left free: a line that fills the last one would wrap.
    const text = renderBar(line, (stream.columns ?? 80) - 1, stream.hasColors?.() ?? false);
    if (text !== drawn) stream.write(`\r${text}${CLEAR_TO_END}`);
    [drawn, drawnAt] = [text, now()];
  };
  const print = (line: string) => {
    stream.write(`${drawn === "" ? "" : "\r"}${visibleLine(line)}${CLEAR_TO_END}\n${drawn}`);
  };
  const end = () => {
    if (drawn !== "") stream.write(`\r${CLEAR_TO_END}`);
    [drawn, drawnAt] = ["", Number.NEGATIVE_INFINITY];
  };
  const endEpoch = (record: EpochRecord) => {
    if (record.health !== null) quality = qualityFacts(record);
    if (isShown(record, epochs)) for (const line of epochLines(record, epochs)) print(line);
    if (record.epoch === epochs) end();
  };
  const onProgress = (event: Progress) => {
    if (event.type === "note") return print(`note: ${event.message}`);
    if (event.type === "plan") return print(event.message);
    if (event.type === "epoch") return endEpoch(event);
    if (event.type === "step") epochs = event.epochs;
    const line = event.type === "step" ? stepLine(event, quality) : workLine(event);
    draw(line, line.share === 1);
    if (event.type !== "step" && line.share === 1) end();
  };
  return { onProgress, print, end };
}

function stepLine(event: Extract<Progress, { type: "step" }>, quality: readonly string[]): BarLine {
  return {
    label: `epoch ${event.epoch}/${event.epochs}`,
    share: event.step / event.steps,
    facts: [...stepFacts(event), ...quality],
  };
}

function workLine(event: Extract<Progress, { type: "cache" | "features" }>): BarLine {
  return {
    label: workLabel(event),
    share: event.total === 0 ? 1 : event.done / event.total,
    facts: [`${formatCount(event.done)} of ${formatCount(event.total)}`],
  };
}

/** One line of at most `width` columns: label, bar and percentage, then the facts that still fit. */
export function renderBar({ label, share, facts }: BarLine, width: number, colours = false): string {
  const percent = `${Math.floor(100 * Math.min(1, Math.max(0, share)))} %`.padStart(5);
  const cells = Math.min(LARGEST_BAR, Math.floor(width / 6));
  const fixed = `${label} `.length + cells + percent.length;
  if (cells < SMALLEST_BAR || fixed > width) return `${label}${percent}`.slice(0, Math.max(0, width));
  let room = width - fixed;
  const shown: string[] = [];
  for (const fact of facts) {
    room -= fact.length + 2;
    if (room < 0) break;
    shown.push(`  ${fact}`);
  }
  return `${label} ${drawCells(cells, share, colours)}${percent}${shown.join("")}`;
}

function drawCells(cells: number, share: number, colours: boolean): string {
  const filled = Math.round(cells * Math.min(1, Math.max(0, share)));
  const [done, left] = ["█".repeat(filled), "░".repeat(cells - filled)];
  if (!colours) return done + left;
  const style = (format: "cyan" | "dim", text: string) =>
    text === "" ? "" : styleText(format, text, { validateStream: false });
  return style("cyan", done) + style("dim", left);
}

import { describe, expect, it } from "vitest";
import type { EpochRecord, Progress } from "../runs/progress.ts";
import { createProgressBar, renderBar } from "./progress-bar.ts";

const step = (number: number): Progress => ({
  type: "step",
  epoch: Math.ceil(number / 2),
  epochs: 2,
  stepInEpoch: ((number - 1) % 2) + 1,
  stepsPerEpoch: 2,
  step: number,
  steps: 4,
  loss: 3.25,
  learningRate: 0.1,
  picturesPerSecond: 1234,
  secondsLeft: 65,
});

const epoch = (number: number, warning: string | null = null): EpochRecord => ({
  type: "epoch",
  epoch: number,
  step: 2 * number,
  loss: 3.5,
  collapsedLoss: null,
  learningRate: 0.1,
  metrics: {},
  picturesPerSecond: 1234,
  seconds: 60 * number,
  knn: { accuracy: 0.5, k: 20, temperature: 0.07, pictures: 100 },
  health: { deviation: 0.1, idealDeviation: 0.125, rankMe: 9.5 },
  warning,
});

/**
 * A terminal that understands what the bar writes: carriage return, erase to the end of the line, new line.
 */
function createTerminal(columns: number) {
  const lines = [""];
  const writes: string[] = [];
  let column = 0;
  const put = (piece: string) => {
    if (piece === "\r") {
      if (column >= columns) throw new Error(`a line to be rewritten wraps: ${lines.at(-1)}`);
      column = 0;
    } else if (piece === "\n") {
      lines.push("");
      column = 0;
    } else if (piece === "\x1b[K") lines.push(lines.pop()!.slice(0, column));
    else {
      const line = lines.pop()!;
      lines.push(line.slice(0, column) + piece + line.slice(column + 1));
      column += 1;
    }
  };
  const write = (text: string) => {
    writes.push(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is the escape that is meant.
    for (const piece of text.match(/\x1b\[K|[\s\S]/gu) ?? []) put(piece);
  };
  return { columns, write, lines, writes };
}

/** A bar whose clock advances by a second at every reading. */
function createBar(columns = 80) {
  const terminal = createTerminal(columns);
  let time = 0;
  const clock = () => {
    time += 1000;
    return time;
  };
  return { terminal, view: createProgressBar(terminal, clock) };
}

describe("renderBar", () => {
  const line = { label: "epoch 1/2", share: 0.5, facts: ["loss 3.25", "1m 05s left"] };

  it("shows label, bar, share and facts", () => {
    expect(renderBar(line, 60)).toBe("epoch 1/2 █████░░░░░ 50 %  loss 3.25  1m 05s left");
  });

  it("leaves out facts that do not fit, the last first, then the bar", () => {
    expect(renderBar(line, 42)).toBe("epoch 1/2 ████░░░ 50 %  loss 3.25");
    expect(renderBar(line, 20)).toBe("epoch 1/2 50 %");
    expect(renderBar(line, 4)).toBe("epoc");
  });

  it("is coloured only when asked", () => {
    expect(renderBar(line, 60, true)).toContain("\x1b[");
    expect(renderBar(line, 60)).not.toContain("\x1b");
  });
});

describe("the bar on a terminal", () => {
  it("rewrites one line at each step", () => {
    const { terminal, view } = createBar();
    view.onProgress(step(1));
    expect(terminal.lines).toEqual([
      "epoch 1/2 ███░░░░░░░░░░ 25 %  loss 3.25  1m 05s left  1,234 pictures/s",
    ]);
    view.onProgress(step(2));
    expect(terminal.lines).toHaveLength(1);
    expect(terminal.lines[0]).toContain("50 %");
    expect(terminal.writes).toHaveLength(2);
  });

  it("leaves epochs, warnings and notes above it and nothing of itself at the end", () => {
    const { terminal, view } = createBar();
    view.onProgress({ type: "note", message: "passed over a checkpoint" });
    for (const event of [step(1), step(2), epoch(1), step(3), step(4), epoch(2, "collapse")])
      view.onProgress(event);
    view.end();
    expect(terminal.lines).toEqual([
      "note: passed over a checkpoint",
      "epoch 1/2: loss 3.5, kNN 50.0 %, rank 9.5, deviation 0.10 of 0.13, 1,234 pictures/s, 1m 00s",
      "epoch 2/2: loss 3.5, kNN 50.0 %, rank 9.5, deviation 0.10 of 0.13, 1,234 pictures/s, 2m 00s",
      "warning: collapse",
      "",
    ]);
  });

  it("shows the last kNN and health beside the steps after it, where there is room", () => {
    const { terminal, view } = createBar(160);
    for (const event of [step(1), step(2), epoch(1), step(3)]) view.onProgress(event);
    expect(terminal.lines.at(-1)).toMatch(/1,234 pictures\/s {2}kNN 50\.0 % {2}rank 9\.5 {2}deviation 0\.10/);
  });

  it("draws no more often than the eye can follow, but always the end", () => {
    const terminal = createTerminal(80);
    const view = createProgressBar(terminal, () => 0);
    for (const number of [1, 2, 3]) view.onProgress(step(number));
    expect(terminal.writes).toHaveLength(1);
    view.onProgress(step(4));
    expect(terminal.lines[0]).toContain("100 %");
  });

  it("clears itself when all pictures are read", () => {
    const { terminal, view } = createBar();
    view.onProgress({ type: "cache", done: 10, total: 1500 });
    expect(terminal.lines[0]).toMatch(/^reading pictures .* 10 of 1,500$/);
    view.onProgress({ type: "cache", done: 1500, total: 1500 });
    expect(terminal.lines).toEqual([""]);
  });
});

import { describe, expect, it } from "vitest";
import type { Progress } from "../runs/progress.ts";
import { createProgressLines } from "./progress-lines.ts";

const cache = (done: number): Progress => ({ type: "cache", done, total: 1500 });

describe("progress as plain lines", () => {
  it("gives a sign of life every ten seconds and no more often", () => {
    const lines: string[] = [];
    let time = 0;
    const view = createProgressLines({ write: (text) => lines.push(text) }, () => time);
    for (time = 0; time <= 25_000; time += 1000) view.onProgress(cache(time / 1000));
    expect(lines).toEqual(["reading pictures: 10 of 1,500\n", "reading pictures: 20 of 1,500\n"]);
  });

  it("prints every epoch, and a step only where an epoch takes long", () => {
    const lines: string[] = [];
    let time = 0;
    const view = createProgressLines({ write: (text) => lines.push(text) }, () => time);
    const step = {
      type: "step",
      epoch: 1,
      epochs: 9,
      stepInEpoch: 3,
      stepsPerEpoch: 8,
      step: 3,
      steps: 72,
    } as const;
    const pace = { loss: 2, learningRate: 0.1, picturesPerSecond: 10, secondsLeft: 90 };
    view.onProgress({ ...step, ...pace });
    time = 11_000;
    view.onProgress({ ...step, ...pace });
    const record = {
      type: "epoch",
      epoch: 1,
      step: 8,
      collapsedLoss: null,
      metrics: {},
      seconds: 20,
    } as const;
    view.onProgress({ ...record, ...pace, knn: null, health: null, warning: null });
    view.onProgress({ ...record, ...pace, knn: null, health: null, warning: "This is collapse." });
    expect(lines).toEqual([
      "epoch 1/9, step 3/8: loss 2, 1m 30s left, 10 pictures/s\n",
      "epoch 1/9: loss 2, 10 pictures/s, 20s\n",
      "epoch 1/9: loss 2, 10 pictures/s, 20s\n",
      "warning: This is collapse.\n",
    ]);
  });
});

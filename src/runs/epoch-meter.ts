import * as z from "zod";
import type { StepReport } from "../train/trainer.ts";

/** The part of an epoch that is finished. */
export interface EpochProgress {
  steps: number;
  /** Sums over the steps, by name: `loss`, `gradient_norm`, and the method's metrics. */
  sums: Record<string, number>;
  seconds: number;
}

const NOTHING: EpochProgress = { steps: 0, sums: {}, seconds: 0 };

/** Means and pace of an epoch, over all sessions that trained it. */
export class EpochMeter {
  readonly #batchSize: number;
  readonly #start = performance.now();
  readonly #secondsBefore: number;
  readonly #sums: Record<string, number>;
  #steps: number;
  #end = this.#start;
  learningRate = 0;

  /** @param before the part of this epoch that an earlier session finished. */
  constructor(batchSize: number, before: EpochProgress = NOTHING) {
    this.#batchSize = batchSize;
    this.#steps = before.steps;
    this.#sums = { ...before.sums };
    this.#secondsBefore = before.seconds;
  }

  add({ loss, gradientNorm, learningRate, metrics }: StepReport): void {
    this.#steps += 1;
    for (const [name, value] of Object.entries({ loss, gradient_norm: gradientNorm, ...metrics }))
      this.#sums[name] = (this.#sums[name] ?? 0) + value;
    this.#end = performance.now();
    this.learningRate = learningRate;
  }

  get seconds(): number {
    return this.#secondsBefore + (this.#end - this.#start) / 1000;
  }

  get meanLoss(): number {
    return (this.#sums.loss ?? 0) / this.#steps;
  }

  /** Means of everything except the loss. */
  get means(): Record<string, number> {
    const { loss: _, ...others } = this.#sums;
    return Object.fromEntries(Object.entries(others).map(([name, sum]) => [name, sum / this.#steps]));
  }

  get rate(): number {
    return (this.#steps * this.#batchSize) / this.seconds;
  }

  get progress(): EpochProgress {
    return { steps: this.#steps, sums: { ...this.#sums }, seconds: this.seconds };
  }
}

const progressSchema = z.object({
  steps: z.int().positive(),
  sums: z.record(z.string(), z.number()),
  seconds: z.number().nonnegative(),
});

/**
 * Progress that {@link EpochMeter} wrote, read from text; null if it is not that of an epoch with `steps`
 * finished.
 */
export function parseEpochProgress(text: string | undefined, steps: number): EpochProgress | null {
  try {
    const progress = progressSchema.safeParse(JSON.parse(text ?? "")).data;
    return progress?.steps === steps ? progress : null;
  } catch {
    return null; // not JSON
  }
}

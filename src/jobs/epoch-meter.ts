import type { StepReport } from "../train/trainer.ts";

/** The part of an epoch that is done. */
export interface EpochProgress {
  steps: number;
  /** Sum of their losses. */
  loss: number;
  seconds: number;
}

const NOTHING: EpochProgress = { steps: 0, loss: 0, seconds: 0 };

/** Mean loss and pace of an epoch, over all sittings that it was trained in. */
export class EpochMeter {
  readonly #batchSize: number;
  readonly #start = performance.now();
  readonly #secondsBefore: number;
  #steps: number;
  #loss: number;
  #end = this.#start;
  learningRate = 0;

  /** @param before what an earlier sitting did of this epoch. */
  constructor(batchSize: number, before: EpochProgress = NOTHING) {
    this.#batchSize = batchSize;
    this.#steps = before.steps;
    this.#loss = before.loss;
    this.#secondsBefore = before.seconds;
  }

  add({ loss, learningRate }: StepReport): void {
    this.#steps += 1;
    this.#loss += loss;
    this.#end = performance.now();
    this.learningRate = learningRate;
  }

  get seconds(): number {
    return this.#secondsBefore + (this.#end - this.#start) / 1000;
  }

  get meanLoss(): number {
    return this.#loss / this.#steps;
  }

  get rate(): number {
    return (this.#steps * this.#batchSize) / this.seconds;
  }

  get progress(): EpochProgress {
    return { steps: this.#steps, loss: this.#loss, seconds: this.seconds };
  }
}

/** Progress as {@link EpochMeter} gave it, read from text; null when it is not that of an epoch with `steps` done. */
export function parseEpochProgress(text: string | undefined, steps: number): EpochProgress | null {
  const { loss, seconds, ...found } = (JSON.parse(text ?? "{}") ?? {}) as Partial<EpochProgress>;
  if (found.steps !== steps || typeof loss !== "number" || typeof seconds !== "number") return null;
  return { steps, loss, seconds };
}

import type { StepReport } from "../train/trainer.ts";

/** Mean loss and pace of an epoch. */
export class EpochMeter {
  readonly #batchSize: number;
  readonly #start = performance.now();
  #steps = 0;
  #loss = 0;
  #end = this.#start;
  learningRate = 0;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  add({ loss, learningRate }: StepReport): void {
    this.#steps += 1;
    this.#loss += loss;
    this.#end = performance.now();
    this.learningRate = learningRate;
  }

  get seconds(): number {
    return (this.#end - this.#start) / 1000;
  }

  get meanLoss(): number {
    return this.#loss / this.#steps;
  }

  get rate(): number {
    return (this.#steps * this.#batchSize) / this.seconds;
  }
}

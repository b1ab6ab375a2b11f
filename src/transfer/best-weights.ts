/** The weights of the best epoch, for runs that end when their score has stopped rising. */
import type { Observer } from "../runs/observer.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import { TEACHER } from "../train/graph-names.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";
import { bestRecord, hasStopped } from "./early-stop.ts";
import { averagedValues } from "./network-of-run.ts";

/** Where the best weights are kept while the run goes on. */
export interface BestStore {
  /** The weights of the best epoch so far, and its step; null if there are none. */
  read(): Promise<BestWeights | null>;
  write(best: BestWeights): Promise<void>;
}

export interface BestWeights {
  /** Optimiser steps done. */
  step: number;
  /** The average of the weights by the paths of the network. */
  values: Values;
}

export class MemoryBest implements BestStore {
  #best: BestWeights | null = null;

  async read(): Promise<BestWeights | null> {
    return this.#best;
  }

  async write({ step, values }: BestWeights): Promise<void> {
    this.#best = { step, values: new Map([...values].map(([path, data]) => [path, data.slice()])) };
  }
}

/**
 * Keeps the weights of the best epoch, and ends the run after `patience` measurements in a row without
 * improvement. It must follow the observer that measures.
 */
export function patientObserver(patience: number, store: BestStore): Observer {
  return {
    async epoch({ trainer, record, before }) {
      if (record.validation !== undefined && bestRecord([...before, record]) === record)
        await store.write({ step: record.step, values: averagedValues(trainer.values) });
      return undefined;
    },
    isEnough: (records) => hasStopped(records, patience),
  };
}

/**
 * Puts the best weights in the place of the last ones. The store may have others: of an epoch after the state
 * that the run was resumed from, or of the time in which the run had a patience.
 *
 * @param records of the run.
 * @returns the step of the best weights; null if the store does not have them.
 */
export async function useBest(
  trainer: Pick<Trainer, "values">,
  store: BestStore,
  records: readonly EpochRecord[],
): Promise<number | null> {
  const best = await store.read();
  if (best === null || best.step !== bestRecord(records)?.step) return null;
  for (const [path, data] of best.values) trainer.values.set(`${TEACHER}.${path}`, data);
  return best.step;
}

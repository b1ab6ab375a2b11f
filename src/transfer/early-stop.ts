/** Early stopping: training ends when the score on pictures that do not train has stopped rising. */
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Validation } from "./validation-observer.ts";

/** Whether a score is better than another; of an error the smaller one is, and any number than none (NaN). */
export function isBetter(a: Validation, b: Validation): boolean {
  if (Number.isNaN(b.score)) return !Number.isNaN(a.score);
  return a.name === "mean absolute error" ? a.score < b.score : a.score > b.score;
}

/** The record with the best score, of equal ones the first; undefined if nothing was measured. */
export function bestRecord(records: readonly EpochRecord[]): EpochRecord | undefined {
  let best: EpochRecord | undefined;
  for (const record of records) {
    if (record.validation === undefined) continue;
    if (best?.validation === undefined || isBetter(record.validation, best.validation)) best = record;
  }
  return best;
}

/** Whether the last `patience` measurements were no better than the best one before them. */
export function hasStopped(records: readonly EpochRecord[], patience: number): boolean {
  const measured = records.filter(({ validation }) => validation !== undefined);
  const best = bestRecord(measured);
  return best !== undefined && measured.length - 1 - measured.indexOf(best) >= patience;
}

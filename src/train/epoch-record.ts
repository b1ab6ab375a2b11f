/** What is kept of an epoch: one line of `metrics.jsonl`. */
import { z } from "zod";

/** JSON has no number for what is none, and writes null. */
const measured = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const knn = z.object({
  accuracy: z.number(),
  /** Of the accuracy, by `standardError` of `afterimage/evaluate`; absent in records of older versions. */
  standardError: z.number().optional(),
  k: z.int().nonnegative(),
  temperature: z.number(),
  pictures: z.int().nonnegative(),
});
const health = z.object({ deviation: measured, idealDeviation: measured, rankMe: measured });

const epochRecordSchema = z.object({
  type: z.literal("epoch"),
  /** Epochs done. */
  epoch: z.int().positive(),
  /** Optimiser steps done. */
  step: z.int().positive(),
  /** Mean loss of the epoch. */
  loss: z.number(),
  /** The loss's value at collapse, where the method knows it. */
  collapsedLoss: z.number().nullable(),
  learningRate: z.number(),
  /**
   * Means over the epoch: `gradient_norm`, and what the method reports (SimCLR `accuracy`; DINO
   * `teacher_entropy`, `kl`).
   */
  metrics: z.record(z.string(), measured).readonly(),
  picturesPerSecond: measured,
  /** Seconds of training so far, over all sittings. */
  seconds: z.number().nonnegative(),
  /** Leave-one-out kNN accuracy on a sample with labels, null without labels. */
  knn: knn.nullable(),
  /** Health of the features of a sample; null when this epoch was not looked at. */
  health: health.nullable(),
  /** What is wrong, in a sentence, when it looks like collapse. */
  warning: z.string().nullable(),
});

export type EpochRecord = z.infer<typeof epochRecordSchema>;

/** The record in a line of text; null when there is none, as in a line that a kill cut short. */
export function parseEpochRecord(line: string): EpochRecord | null {
  try {
    return epochRecordSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null; // not JSON
  }
}

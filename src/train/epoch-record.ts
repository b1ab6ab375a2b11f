/** The record of an epoch: one line of `metrics.jsonl`. */
import * as z from "zod";

/** JSON cannot write NaN or infinity; it has null instead. */
const measured = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const knn = z.object({
  accuracy: z.number(),
  /**
   * The standard error of the accuracy (`standardError` of `afterimage/evaluate`); absent in records of older
   * versions.
   */
  standardError: z.number().optional(),
  k: z.int().nonnegative(),
  temperature: z.number(),
  pictures: z.int().nonnegative(),
});
const validation = z.object({
  /** Share of pictures classified right, mean average precision, or mean absolute error, by the labels. */
  score: measured,
  /** The name of the score. */
  name: z.string(),
  /** Mean loss of the pictures as they are, without augmentation. */
  loss: measured,
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
  /** The loss at collapse, if the method knows it. */
  collapsedLoss: z.number().nullable(),
  learningRate: z.number(),
  /**
   * Means over the epoch: `gradient_norm` and the method's metrics (SimCLR `accuracy`; DINO
   * `teacher_entropy`, `kl`).
   */
  metrics: z.record(z.string(), measured).readonly(),
  picturesPerSecond: measured,
  /** Seconds of training so far, over all sessions. */
  seconds: z.number().nonnegative(),
  /** Leave-one-out kNN accuracy on a sample with labels, null without labels. */
  knn: knn.nullable(),
  /** Health of the features of a sample; null if it was not measured in this epoch. */
  health: health.nullable(),
  /** For a run that learns from labels: the score on validation pictures; absent if it was not measured. */
  validation: validation.optional(),
  /** A sentence about what is wrong if the run looks collapsed. */
  warning: z.string().nullable(),
});

export type EpochRecord = z.infer<typeof epochRecordSchema>;

/**
 * The record in a line of text; null if there is none, as in a line cut short when the process was killed.
 */
export function parseEpochRecord(line: string): EpochRecord | null {
  try {
    return epochRecordSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null; // not JSON
  }
}

/** Everything needed to repeat a run, as plain data: the `config.json` of a run folder. */
import { z } from "zod";
import { AfterimageError } from "../errors.ts";

/** Raised when a run folder's layout or meaning changes. */
export const CONFIG_VERSION = 1;

const training = z.strictObject({
  optimizer: z.enum(["sgd", "lars", "adamw"]),
  learningRate: z.number().nonnegative(),
  finalLearningRate: z.number().nonnegative(),
  warmupEpochs: z.number().nonnegative(),
  weightDecay: z.number().nonnegative(),
  finalWeightDecay: z.number().nonnegative(),
  clip: z.number().positive().nullable(),
});

/** What the last digits of a run depend on beside its configuration. */
const environment = z.strictObject({
  threads: z.int().positive(),
  afterimage: z.string(),
  onnxruntime: z.string(),
});

/** A value that was another one up to some step. */
const change = z.strictObject({ name: z.string(), from: z.unknown(), to: z.unknown() });

export const runConfigSchema = z.strictObject({
  version: z.literal(CONFIG_VERSION),
  method: z.strictObject({ name: z.string(), settings: z.record(z.string(), z.unknown()) }),
  backbone: z.strictObject({ name: z.string(), settings: z.record(z.string(), z.unknown()) }),
  training,
  /** Height and width of a training view, in pixels. */
  imageSize: z.int().positive(),
  /** Side of the cached canvases, in pixels. */
  canvas: z.int().positive(),
  epochs: z.int().positive(),
  /** Pictures per optimiser step. */
  batchSize: z.int().min(2),
  /** Parts that a step's batch is computed in; their gradients are averaged. */
  accumulate: z.int().positive(),
  seed: z.int().nonnegative(),
  data: z.strictObject({ path: z.string(), fingerprint: z.string(), pictures: z.int().positive() }),
  /** Where the run is computed; absent in a configuration that was never run. */
  environment: environment.optional(),
  /** What was changed when the run was resumed, and after which step; the entries above are the newest. */
  history: z.array(z.strictObject({ step: z.int().nonnegative(), changes: z.array(change) })).optional(),
});

export type Environment = z.infer<typeof environment>;
export type Change = z.infer<typeof change>;
export type RunConfig = z.infer<typeof runConfigSchema>;
export type TrainingConfig = z.infer<typeof training>;
export const trainingConfigSchema = training;

/**
 * Checks a configuration read from disk.
 *
 * @throws AfterimageError `train/run-folder` naming the entry that is wrong.
 */
export function parseRunConfig(value: unknown, where: string): RunConfig {
  const result = runConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new AfterimageError("train/run-folder", {
    what: "this is not the configuration of a run",
    where: `${where}, ${issue.path.join(".") || "top level"}`,
    got: issue.message,
  });
}

/** Optimiser steps of an epoch: the last pictures that do not fill a batch are left for another epoch's order. */
export function stepsPerEpoch(config: Pick<RunConfig, "batchSize" | "data">): number {
  return Math.floor(config.data.pictures / config.batchSize);
}

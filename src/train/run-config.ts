/** Everything needed to repeat a run, as plain data: the `config.json` of a run folder. */
import { z } from "zod";
import { restoreBackbone } from "../backbones/index.ts";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import { findMethod } from "../methods/index.ts";

/** Raised when a run folder's layout or meaning changes. */
export const CONFIG_VERSION = 1;

const training = z.strictObject({
  optimizer: z
    .enum(["sgd", "lars", "larc", "adamw", "muon"])
    .describe("sgd, lars or larc (momentum 0.9), adamw, or muon (adamw for all but matrices)"),
  learningRate: z.number().nonnegative().describe("at its peak, for the batch as it is"),
  finalLearningRate: z.number().nonnegative().describe("at the end of the cosine"),
  decay: z
    .enum(["cosine", "steps"])
    .default("cosine")
    .describe("how the learning rate falls; steps: at milestones"),
  milestones: z
    .array(z.number().min(0).max(1))
    .default([0.6, 0.8])
    .describe("steps: after which shares of the run"),
  milestoneFactor: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe("steps: what is left of the rate at each"),
  warmupEpochs: z.number().nonnegative().describe("epochs from 0 to the peak, fractions too"),
  inclusiveWarmup: z.boolean().describe("the last step of the warm-up has the peak, not the one after it"),
  weightDecay: z.number().nonnegative().describe("at the start"),
  decayAll: z.boolean().default(false).describe("biases, norms and tokens decay too"),
  finalWeightDecay: z.number().nonnegative().describe("at the end, reached by a cosine"),
  clip: z.number().positive().nullable().describe("largest norm of each parameter's gradient; null for none"),
  nesterov: z.boolean().default(false).describe("sgd, lars: Nesterov's momentum"),
  rateInMomentum: z
    .boolean()
    .default(true)
    .describe("lars: gradients enter the momentum times the rate; else the momentum is multiplied by it"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("adamw, muon: share of the old second moment"),
});

/** What the last digits of a run depend on beside its configuration. */
const environment = z.strictObject({
  threads: z.int().positive(),
  provider: z.string(),
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
  /** Height and width of the pictures that the encoder sees, in pixels; training views may be smaller. */
  imageSize: z.int().positive().max(MOST_PIXELS),
  /** Side of the cached canvases, in pixels. */
  canvas: z.int().positive().max(MOST_PIXELS),
  /** How often every picture is seen; a fraction ends within an epoch. */
  epochs: z.number().positive(),
  /** Pictures per optimiser step. */
  batchSize: z.int().min(2),
  /** Pictures that are computed with at a time; the gradient is that of the whole batch. Divides it. */
  microBatch: z.int().min(2),
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
 * Checks a configuration read from disk, the settings of its method and backbone too: nothing is made of it before.
 *
 * @throws AfterimageError `train/run-folder` naming the entry that is wrong.
 */
export function parseRunConfig(value: unknown, where: string): RunConfig {
  const config = checked(runConfigSchema, value, where, []);
  const { method, backbone, batchSize, microBatch, data } = config;
  const { settings } = ofThisProject(where, "method.name", () => findMethod(method.name));
  checked(settings, method.settings, where, ["method", "settings"]);
  ofThisProject(where, "backbone", () => restoreBackbone(backbone.name, backbone.settings));
  if (batchSize > data.pictures) throw noConfig(`${where}, batchSize`, `more than ${data.pictures} pictures`);
  if (batchSize % microBatch !== 0)
    throw noConfig(`${where}, microBatch`, `no divisor of the batch size ${batchSize}`);
  return config;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string, place: readonly string[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw noConfig(`${where}, ${[...place, ...issue.path].join(".") || "top level"}`, issue.message);
}

/** What the tables of methods and backbones say to it. */
function ofThisProject<T>(where: string, place: string, find: () => T): T {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof AfterimageError)) throw cause;
    throw noConfig(`${where}, ${place}`, cause.message, cause);
  }
}

function noConfig(where: string, got: string, cause?: unknown): AfterimageError {
  const what = "this is not the configuration of a run";
  return new AfterimageError("train/run-folder", { what, where, got }, { cause });
}

/** Optimiser steps of a whole run, one at the least. */
export function stepsOf(config: Pick<RunConfig, "batchSize" | "data" | "epochs">): number {
  return Math.max(1, Math.round(stepsPerEpoch(config) * config.epochs));
}

/** Optimiser steps of an epoch: the last pictures that do not fill a batch are left for another epoch's order. */
export function stepsPerEpoch(config: Pick<RunConfig, "batchSize" | "data">): number {
  return Math.floor(config.data.pictures / config.batchSize);
}

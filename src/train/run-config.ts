/** Everything needed to repeat a run, as plain data: the `config.json` of a run folder. */
import * as z from "zod";
import { entryOfRun, knownBackbones, restoreBackbone } from "../backbones/index.ts";
import type { Background } from "../data/background.ts";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import type { CompleteMethod } from "../methods/complete-method.ts";
import { methodOfRun, methodsOfRuns } from "../methods/method-of-run.ts";

/** Raised when a run folder's layout or meaning changes. */
export const CONFIG_VERSION = 1;

const training = z.strictObject({
  optimizer: z
    .enum(["sgd", "lars", "larc", "adamw", "muon"])
    .describe("sgd, lars or larc (momentum 0.9), adamw, or muon (adamw for all but matrices)"),
  learningRate: z.number().nonnegative().describe("peak learning rate, for the chosen batch size"),
  finalLearningRate: z.number().nonnegative().describe("learning rate at the end of the cosine"),
  decay: z
    .enum(["cosine", "steps"])
    .default("cosine")
    .describe("how the learning rate falls: by a cosine, or in steps at milestones"),
  milestones: z
    .array(z.number().min(0).max(1))
    .default([0.6, 0.8])
    .describe("steps: shares of the run after which the rate falls"),
  milestoneFactor: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe("steps: factor of the rate at each milestone"),
  warmupEpochs: z
    .number()
    .nonnegative()
    .describe("epochs in which the rate rises from 0 to the peak; fractions allowed"),
  inclusiveWarmup: z
    .boolean()
    .describe("whether the last step of the warm-up has the peak rate, not the step after it"),
  weightDecay: z.number().nonnegative().describe("weight decay at the start"),
  decayAll: z.boolean().default(false).describe("whether biases, norms and tokens decay too"),
  finalWeightDecay: z.number().nonnegative().describe("weight decay at the end, reached by a cosine"),
  clip: z.number().positive().nullable().describe("largest norm of each parameter's gradient; null for none"),
  nesterov: z.boolean().default(false).describe("sgd, lars: whether to use Nesterov's momentum"),
  rateInMomentum: z
    .boolean()
    .default(true)
    .describe("lars: whether the rate multiplies the gradients, not the momentum"),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .default(0.999)
    .describe("adamw, muon: share of the old second moment that is kept"),
});

/** The environment that the last digits of a run depend on, in addition to its configuration. */
const environment = z.strictObject({
  threads: z.int().positive(),
  provider: z.string(),
  afterimage: z.string(),
  onnxruntime: z.string(),
});

/** A value that was different up to some step. */
const change = z.strictObject({ name: z.string(), from: z.unknown(), to: z.unknown() });

const historyEntry = z.strictObject({
  step: z.int().nonnegative(),
  changes: z.array(change),
  /**
   * Absent if a user asked for the change; `pace`: to end within the given minutes; `validation`: because the
   * score on validation pictures no longer rises.
   */
  because: z.enum(["pace", "validation"]).optional(),
});

/** For a run that learns from labels: the labels, and the encoder it started from. */
const labels = z.strictObject({
  /** Names of the outputs: of classes, of labels, or of columns of numbers. */
  names: z.array(z.string()).min(1),
  /** Of numbers: mean and deviation of the training pictures, in whose units the network predicts. */
  scale: z.strictObject({ mean: z.array(z.number()), deviation: z.array(z.number().positive()) }).optional(),
  /** The amount of labels that was asked for, such as `10%`; absent for all. */
  amount: z.string().optional(),
  /** Numbers of labelled pictures. */
  pictures: z.strictObject({
    training: z.int().positive(),
    validation: z.int().nonnegative(),
    test: z.int().nonnegative(),
  }),
  /** Share of the pictures held out for validation; absent if the pictures have a split of their own. */
  validation: z.number().positive().lt(1).optional(),
  /** The encoder that the run started from; absent for random weights. */
  from: z.strictObject({ run: z.string(), step: z.int().nullable(), weights: z.string() }).optional(),
});

/** A decision to give the run this many epochs in total, made after this many steps. */
const decision = z.strictObject({ step: z.int().positive(), epochs: z.number().positive() });

export const runConfigSchema = z.strictObject({
  version: z.literal(CONFIG_VERSION),
  method: z.strictObject({
    name: z.string(),
    settings: z.record(z.string(), z.unknown()),
    /** The module of a method of the user's own; named in the error if the method is missing. */
    module: z.string().optional(),
  }),
  backbone: z.strictObject({
    name: z.string(),
    settings: z.record(z.string(), z.unknown()),
    /** Where a backbone of the user's own comes from; told when it is missing. */
    module: z.string().optional(),
  }),
  training,
  /** Height and width of the pictures that the encoder sees, in pixels; training views may be smaller. */
  imageSize: z.int().positive().max(MOST_PIXELS),
  /** Side of the cached canvases, in pixels. */
  canvas: z.int().positive().max(MOST_PIXELS),
  /** The background for transparency: "auto" or a colour. Runs made before this option have none: white. */
  background: z
    .string()
    .regex(/^(?:auto|#[0-9a-f]{6})$/)
    .optional(),
  /** Passes over the pictures; a fraction ends within an epoch. */
  epochs: z.number().positive(),
  /** Pictures per optimiser step. */
  batchSize: z.int().min(2),
  /** Pictures to compute at a time, a divisor of the batch size; the gradient is that of the whole batch. */
  microBatch: z.int().min(2),
  seed: z.int().nonnegative(),
  data: z.strictObject({ path: z.string(), fingerprint: z.string(), pictures: z.int().positive() }),
  /**
   * The values asked for, by their place (`training.warmupEpochs`), if a run of this length cannot have them.
   * The entries above are the values used.
   */
  asked: z.strictObject({ "training.warmupEpochs": z.number() }).partial().optional(),
  labels: labels.optional(),
  /** The environment of the run; absent in a configuration that was never run. */
  environment: environment.optional(),
  /**
   * Minutes that the whole run may take. Epochs and sizes were chosen from it; epochs then follow the pace.
   */
  minutes: z.number().positive().optional(),
  /**
   * Decisions about the epochs that this run repeats from another one, instead of following its own pace.
   */
  repeats: z.array(decision).optional(),
  /**
   * The changes on resuming or to keep the time, with the step of each. The entries above are the newest.
   */
  history: z.array(historyEntry).optional(),
});

export type Environment = z.infer<typeof environment>;
export type Change = z.infer<typeof change>;
export type HistoryEntry = z.infer<typeof historyEntry>;
export type Decision = z.infer<typeof decision>;
/** Whether a run with this configuration has a head for labels. */
export function hasLabels({ labels }: Pick<RunConfig, "labels">): boolean {
  return labels !== undefined;
}

export type LabelsConfig = z.infer<typeof labels>;
export type RunConfig = z.infer<typeof runConfigSchema>;
export type TrainingConfig = z.infer<typeof training>;
export const trainingConfigSchema = training;

/**
 * Checks a configuration read from disk, including the settings of its method and backbone, before it is
 * used.
 *
 * @throws AfterimageError `train/run-folder` naming the entry that is wrong.
 */
export function parseRunConfig(value: unknown, where: string): RunConfig {
  const config = checked(runConfigSchema, value, where, []);
  const { method, backbone, batchSize, microBatch, data } = config;
  const { settings } = knownMethod(method, where);
  checked(settings, method.settings, where, ["method", "settings"]);
  requireKnownBackbone(backbone, where);
  ofThisProject(where, "backbone", () => restoreBackbone(backbone.name, backbone.settings));
  if (batchSize > data.pictures) throw noConfig(`${where}, batchSize`, `more than ${data.pictures} pictures`);
  if (batchSize % microBatch !== 0)
    throw noConfig(`${where}, microBatch`, `no divisor of the batch size ${batchSize}`);
  return config;
}

function knownMethod({ name, module }: RunConfig["method"], where: string): CompleteMethod {
  if (methodsOfRuns().includes(name)) return methodOfRun(name);
  throw notAdded("method", { name, module }, methodsOfRuns(), where);
}

function requireKnownBackbone({ name, module }: RunConfig["backbone"], where: string): void {
  if (entryOfRun(name) !== undefined) return;
  const known = knownBackbones().map((entry) => entry.name);
  throw notAdded("backbone", { name, module }, known, where);
}

/** One of a user's own, which this process has not added. */
function notAdded(
  kind: "method" | "backbone",
  { name, module = `./my-${kind}.mjs` }: { name: string; module?: string | undefined },
  known: readonly string[],
  where: string,
): AfterimageError {
  const add = kind === "method" ? "addMethod" : "addBackbone";
  return new AfterimageError("train/run-folder", {
    what: `this run was trained with a ${kind} that is not known here`,
    where: `${where}, ${kind}.name`,
    expected: `one of ${known.join(", ")}`,
    got: name,
    todo:
      `A ${kind} of your own must be added first: call ${add}, or begin the command with ` +
      `NODE_OPTIONS="--import ${module}", a module that calls it.`,
  });
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string, place: readonly string[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw noConfig(`${where}, ${[...place, ...issue.path].join(".") || "top level"}`, issue.message);
}

/** Calls a lookup in the tables of methods and backbones, and names the entry in its error. */
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

/** The background for transparency in a run's pictures. */
export function backgroundOf({ background = "#ffffff" }: Pick<RunConfig, "background">): Background {
  return background as Background;
}

/** Optimiser steps of a whole run, at least one. */
export function stepsOf(config: Pick<RunConfig, "batchSize" | "data" | "epochs">): number {
  return Math.max(1, Math.round(stepsPerEpoch(config) * config.epochs));
}

/**
 * Optimiser steps of an epoch. The last pictures, if they do not fill a batch, are left for another epoch.
 */
export function stepsPerEpoch(config: Pick<RunConfig, "batchSize" | "data">): number {
  return Math.floor(config.data.pictures / config.batchSize);
}

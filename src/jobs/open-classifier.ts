/** A run with a head for labels, as jobs use it. */
import { AfterimageError } from "../errors.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { input, sizeOf } from "../tensor/index.ts";
import type { Checkpoint } from "../train/node/checkpoint.ts";
import { type LoadedRun, loadRun } from "../train/node/run-folder.ts";
import { backgroundOf, hasLabels, type RunConfig } from "../train/run-config.ts";
import type { Values } from "../train/values.ts";
import type { Classifier } from "../transfer/classifier.ts";
import type { Familiar } from "../transfer/find-unlike.ts";
import type { LabelTask } from "../transfer/label-task.ts";
import { averagedValues, networkOfRun, taskOfRun } from "../transfer/network-of-run.ts";
import { readFamiliar } from "./results/familiar-file.ts";
import { readCalibration } from "./results/result-file.ts";

export interface OpenClassifier
  extends Classifier,
    Required<Pick<RunConfig, "imageSize" | "canvas" | "background" | "seed">> {
  /** The run's folder. */
  name: string;
  config: RunConfig;
  /** Optimiser steps of the network. */
  step: number;
  task: LabelTask;
  /** All weights by path: `backbone.…`, `head.…`, `classifier.…`. */
  values: Values;
  /** The temperature that calibrates the probabilities; 1 if there is none for this network. */
  temperature: number;
  /** Features of training pictures; null if there are none of this network. */
  familiar: Familiar | null;
}

/**
 * The network of a fine-tuned run at its last checkpoint, with its calibration.
 *
 * @param onNote called for files that are missing or ignored.
 * @throws AfterimageError `train/run-folder` when a folder is not a run, has no checkpoint yet, or its run
 * has no head for labels.
 */
export async function openClassifier(
  run: string,
  onNote: (message: string) => void,
): Promise<OpenClassifier> {
  const loaded = await loadRun(run, onNote);
  requireHead(run, loaded.config);
  return classifierOfRun(run, loaded, onNote);
}

/** The same of a run that is loaded, and has a head. */
export async function classifierOfRun(
  run: string,
  loaded: LoadedRun,
  onNote: (message: string) => void,
): Promise<OpenClassifier> {
  const { config, checkpoint } = loaded;
  const { imageSize, canvas, seed } = config;
  const { temperature, familiar } = await openCalibration(run, loaded, onNote);
  return {
    ...networkOf(run, loaded),
    ...{ name: run, config, step: checkpoint.step, task: taskOfRun(config), temperature, familiar },
    ...{ imageSize, canvas, background: backgroundOf(config), seed },
  };
}

/** The network of a loaded run that has a head, with all its weights. */
export function networkOf(
  run: string,
  { config, checkpoint }: Pick<LoadedRun, "config" | "checkpoint">,
): Classifier & { values: Values } {
  const network = networkOfRun(config);
  const all = averagedValues(checkpoint.arrays);
  const lengths = lengthsOf(network, config.imageSize);
  requireWeights(run, checkpoint, lengths, all);
  return { ...network, values: new Map([...all].filter(([path]) => lengths.has(path))) };
}

/** @throws AfterimageError `train/run-folder` for a run of a method that learns without labels. */
function requireHead(run: string, config: RunConfig): void {
  if (hasLabels(config)) return;
  throw new AfterimageError("train/run-folder", {
    what: "this run was pre-trained only, so it cannot predict labels",
    where: run,
    expected: "a run made by afterimage finetune",
    got: `one of ${config.method.name}`,
    todo: "Fine-tune it first, with labelled pictures.",
  });
}

/** The calibration of this very network: an interrupted run may have one of other steps. */
async function openCalibration(
  run: string,
  { checkpoint: { step }, backbone }: LoadedRun,
  onNote: (message: string) => void,
): Promise<Pick<OpenClassifier, "temperature" | "familiar">> {
  const [kept, familiar] = [await readCalibration(run), await readFamiliar(run, backbone.features)];
  if (kept === null || kept.step !== step) {
    onNote("this run was not finished: probabilities are not calibrated, and unlike pictures are not marked");
    return { temperature: 1, familiar: null };
  }
  return { temperature: kept.temperature ?? 1, familiar: familiar?.step === step ? familiar : null };
}

/** The length of each weight of a network, by path. */
function lengthsOf({ backbone, head }: Classifier, imageSize: number): Map<string, number> {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: false });
  const { features } = backbone.build(scope.at("backbone"), input("pictures", [1, 3, imageSize, imageSize]));
  head(scope, features);
  return new Map(variables.all.map(({ path, shape }) => [path, sizeOf(shape)]));
}

function requireWeights(
  run: string,
  { path }: Pick<Checkpoint, "path">,
  lengths: ReadonlyMap<string, number>,
  values: Values,
): void {
  for (const [name, length] of lengths) {
    const got = values.get(name)?.length;
    if (got === length) continue;
    throw new AfterimageError("train/checkpoint", {
      what: "this checkpoint belongs to another network than the run's configuration",
      where: path,
      expected: `${name} with ${length} numbers`,
      got: got === undefined ? "none" : `${got}`,
      todo: `Put back the configuration that ${run} was started with.`,
    });
  }
}

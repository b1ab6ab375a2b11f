/** Writes a network that learned from labels, and pictures of its results, into the folder of its run. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { Values } from "../../train/values.ts";
import { learnFamiliar } from "../../transfer/find-unlike.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import { networkOfRun } from "../../transfer/network-of-run.ts";
import { readLogits } from "../../transfer/read-logits.ts";
import { writeFamiliar } from "../results/familiar-file.ts";
import { writeConfusion, writeMistakes } from "../results/write-result-pictures.ts";
import { writeClassifier } from "../write-classifier.ts";
import type { Computing } from "./computing.ts";
import type { LabelledParts } from "./judge-finetuned.ts";
import type { OutputsOn } from "./network-outputs.ts";

/** A network at the end of its training. */
export interface FinetunedNetwork {
  config: RunConfig;
  /** The average of the weights, by the paths of the network. */
  values: Values;
  step: number;
}

export interface CalibratedNetwork extends FinetunedNetwork {
  /** Its outputs on pictures. */
  outputs: OutputsOn;
  /** Null for numbers, which have none. */
  temperature: number | null;
}

/** The pictures whose features say what the network knows. */
export interface KnownPictures {
  task: LabelTask;
  /** The pictures that trained. */
  training: PictureDataset;
  /** Pictures of the same kind that did not train; null if there are none. */
  others: PictureDataset | null;
}

/**
 * Writes the model, and features of the training pictures by which `predict` recognises what is unlike them.
 *
 * @returns the path of the model.
 */
export async function writeNetwork(
  folder: string,
  { config, values, step, temperature, outputs }: CalibratedNetwork,
  { task, training, others }: KnownPictures,
  { threads }: Pick<Computing, "threads">,
): Promise<string> {
  const own = await outputs(training);
  const beside = others === null ? null : await outputs(others);
  const familiar = await learnFamiliar(own.features, {
    ...(beside && { others: beside.features }),
    ...{ seed: config.seed, threads },
  });
  if (familiar !== null) await writeFamiliar(folder, step, familiar);
  return writeClassifier(runPaths(folder).encoder, {
    ...{ config, ...networkOfRun(config), values },
    ...{ task, temperature: temperature ?? 1 },
  });
}

/** Draws which classes are taken for which, and the worst mistakes; null where there is nothing to show. */
export async function drawResults(
  folder: string,
  { temperature, outputs }: Pick<CalibratedNetwork, "temperature" | "outputs">,
  { task, tested }: Pick<LabelledParts, "task" | "tested">,
): Promise<{ confusion: string | null; mistakes: string | null }> {
  const { dataset, answers } = tested;
  const { logits } = await outputs(dataset);
  const told = { task, answers, predictions: readLogits(task, logits, temperature ?? 1) };
  const { confusion, mistakes } = runPaths(folder);
  const rows = Int32Array.from({ length: dataset.size }, (_, place) => place);
  return {
    confusion: await writeConfusion(confusion, told),
    mistakes: await writeMistakes(mistakes, dataset, rows, told),
  };
}

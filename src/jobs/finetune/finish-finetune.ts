/** Judges a network that was fine-tuned, and writes its results into the folder of its run. */
import type { Notes } from "../../runs/notes.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { Values } from "../../train/values.ts";
import { compareBaselines } from "../../transfer/compare-baselines.ts";
import { learnFamiliar } from "../../transfer/find-unlike.ts";
import { networkOfRun } from "../../transfer/network-of-run.ts";
import type { Judged } from "../../transfer/prediction-scores.ts";
import { readLogits } from "../../transfer/read-logits.ts";
import type { FinetuneOptions, FinetuneResult, Spread } from "../finetune-options.ts";
import { writeFamiliar } from "../results/familiar-file.ts";
import { writeResult } from "../results/result-file.ts";
import { writeConfusion, writeMistakes } from "../results/write-result-pictures.ts";
import { writeClassifier } from "../write-classifier.ts";
import { fromScratch } from "./from-scratch.ts";
import {
  applyNetwork,
  type Computing,
  judgeFrozen,
  judgeNetwork,
  type LabelledParts,
  trainAside,
} from "./judge-finetuned.ts";
import type { Source } from "./open-source.ts";

/** A network at the end of its training. */
export interface FinetunedNetwork {
  config: RunConfig;
  /** The average of the weights, by the paths of the network. */
  values: Values;
  step: number;
}

interface CalibratedNetwork extends FinetunedNetwork {
  /** Null for numbers, which have none. */
  temperature: number | null;
}

interface Finishing extends FinetuneOptions {
  source: Source;
  computing: Computing;
  notes: Notes;
}

type Finished = Pick<
  FinetuneResult,
  "testedOn" | "scores" | "seeds" | "spread" | "baselines" | "encoder" | "confusion" | "mistakes"
>;

/** @returns null when it was interrupted. */
export async function finishFinetune(
  folder: string,
  network: FinetunedNetwork,
  options: Finishing,
  parts: LabelledParts,
): Promise<Finished | null> {
  const { config, values, step } = network;
  const { computing, source, baselines: wanted = true } = options;
  const judged = await judgeNetwork(config, values, parts, computing);
  const others = wanted ? await judgeBaselines(config, options, parts) : {};
  const more = others === null ? null : await otherSeeds(config, source, options, parts);
  if (others === null || more === null) return null;
  const baselines = compareBaselines(judged, others);
  const testedOn = parts.tested === parts.validation ? "validation" : "test";
  const { task } = parts;
  const { temperature, scores } = judged;
  await writeResult(folder, { step, task, testedOn, temperature, scores, baselines });
  const seeds = [judged.headline.value, ...more];
  return {
    ...{ testedOn, scores, seeds, spread: spreadOf(seeds), baselines },
    encoder: await exportNetwork(folder, { ...network, temperature }, computing, parts),
    ...(await drawResults(folder, { ...network, temperature }, computing, parts)),
  };
}

/** Null when it was interrupted. */
async function judgeBaselines(
  config: RunConfig,
  { source, computing }: Finishing,
  parts: LabelledParts,
): Promise<Record<"linear" | "knn" | "scratch", Judged> | null> {
  const frozen = await judgeFrozen(source, parts, config.seed, computing);
  computing.onProgress({
    type: "plan",
    message: "Training the same network from scratch, to compare with …",
  });
  const scratch = await trainAside(fromScratch(config), null, parts, computing);
  return scratch === null ? null : { ...frozen, scratch };
}

/** The main scores of the seeds after the first; null when it was interrupted. */
async function otherSeeds(
  config: RunConfig,
  { start }: Source,
  { seeds = 1, computing }: Finishing,
  parts: LabelledParts,
): Promise<number[] | null> {
  const scores: number[] = [];
  for (let at = 1; at < seeds; at++) {
    const seed = config.seed + at;
    computing.onProgress({ type: "plan", message: `Training again with seed ${seed} …` });
    const judged = await trainAside({ ...config, seed }, start, parts, computing);
    if (judged === null) return null;
    scores.push(judged.headline.value);
  }
  return scores;
}

export function spreadOf(scores: readonly number[]): Spread | null {
  if (scores.length < 2) return null;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

/** The model, and features of the training pictures by which `predict` recognises what is unlike them. */
async function exportNetwork(
  folder: string,
  { config, values, step, temperature }: CalibratedNetwork,
  computing: Computing,
  { task, training, validation }: LabelledParts,
): Promise<string> {
  const own = await applyNetwork(config, values, training.dataset, computing);
  const beside = await applyNetwork(config, values, validation.dataset, computing);
  const { threads } = computing;
  const familiar = await learnFamiliar(own.features, { others: beside.features, seed: config.seed, threads });
  if (familiar !== null) await writeFamiliar(folder, step, familiar);
  return writeClassifier(runPaths(folder).encoder, {
    ...{ config, ...networkOfRun(config), values },
    ...{ task, temperature: temperature ?? 1 },
  });
}

async function drawResults(
  folder: string,
  { config, values, temperature }: CalibratedNetwork,
  computing: Computing,
  { task, tested }: LabelledParts,
): Promise<Pick<Finished, "confusion" | "mistakes">> {
  const { dataset, answers } = tested;
  const { logits } = await applyNetwork(config, values, dataset, computing);
  const told = { task, answers, predictions: readLogits(task, logits, temperature ?? 1) };
  const { confusion, mistakes } = runPaths(folder);
  const rows = Int32Array.from({ length: dataset.size }, (_, place) => place);
  return {
    confusion: await writeConfusion(confusion, told),
    mistakes: await writeMistakes(mistakes, dataset, rows, told),
  };
}

/** Judges a network that was fine-tuned, and writes its results into the folder of its run. */
import type { Notes } from "../../runs/notes.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { compareBaselines } from "../../transfer/compare-baselines.ts";
import type { Judged } from "../../transfer/prediction-scores.ts";
import type { FinetuneOptions, FinetuneResult, Spread } from "../finetune-options.ts";
import { writeResult } from "../results/result-file.ts";
import type { Computing } from "./computing.ts";
import { fromScratch } from "./from-scratch.ts";
import { judgeFrozen, judgeNetwork, type LabelledParts, trainAside } from "./judge-finetuned.ts";
import { outputsOfRun } from "./network-outputs.ts";
import type { Source } from "./open-source.ts";
import { drawResults, type FinetunedNetwork, writeNetwork } from "./write-network.ts";

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
  const outputs = outputsOfRun(config, values, computing);
  const judged = await judgeNetwork(outputs, parts);
  const others = wanted ? await judgeBaselines(config, options, parts) : {};
  const more = others === null ? null : await otherSeeds(config, source, options, parts);
  if (others === null || more === null) return null;
  const baselines = compareBaselines(judged, others);
  const testedOn = parts.tested === parts.validation ? "validation" : "test";
  const { task } = parts;
  const { temperature, scores } = judged;
  await writeResult(folder, { step, task, testedOn, temperature, scores, baselines });
  const seeds = [judged.headline.value, ...more];
  const calibrated = { ...network, temperature, outputs };
  const known = { task, training: parts.training.dataset, others: parts.validation.dataset };
  return {
    ...{ testedOn, scores, seeds, spread: spreadOf(seeds), baselines },
    encoder: await writeNetwork(folder, calibrated, known, computing),
    ...(await drawResults(folder, calibrated, parts)),
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

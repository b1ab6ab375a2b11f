/** The summary of a finished pre-training. */
import { join } from "node:path";
import type { PretrainResult } from "../jobs/pretrain.ts";
import type { EpochRecord } from "../runs/progress.ts";
import { counted, formatDuration, formatLoss, formatShare } from "./format.ts";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";
import { textTable } from "./table.ts";

export interface PretrainCall {
  pictures: string;
  cacheDir?: string | undefined;
  allFiles?: boolean | undefined;
}

export function summarizePretraining(result: PretrainResult, call: PretrainCall): string {
  const { run, encoder, reconstructions, config, steps, seconds, epochs, skipped } = result;
  const last = epochs.at(-1);
  const lastKnn = epochs.findLast(({ knn }) => knn !== null)?.knn ?? null;
  const lastHealth = epochs.findLast(({ health }) => health !== null)?.health ?? null;
  const rows = [
    ["Run", run],
    ["Encoder", encoder ?? ""],
    ...(reconstructions === null ? [] : [["Reconstructed", reconstructions]]),
    ["Method", `${config.method.name}, ${config.backbone.name}, ${counted(config.data.pictures, "picture")}`],
    [
      "Trained",
      `${counted(config.epochs, "epoch")}, ${counted(steps, "step")} in ${formatDuration(seconds)}`,
    ],
    ...(last === undefined ? [] : [["Last loss", lossText(last)]]),
    ...(lastKnn === null ? [] : [["kNN", knnText(lastKnn)]]),
    ...(lastHealth === null ? [] : [["Health", healthText(lastHealth)]]),
    ...(last?.warning ? [["Warning", last.warning]] : []),
    ...(skipped === 0
      ? []
      : [["Skipped", `${counted(skipped, "picture")}, listed in ${join(run, "skipped.jsonl")}`]]),
    ["Seed", `${config.seed}`],
    ["Next", nextCommand(run, call, lastKnn !== null)],
  ];
  return textTable(rows);
}

function lossText({ loss, collapsedLoss }: EpochRecord): string {
  const bound = collapsedLoss === null ? "" : ` (${formatLoss(collapsedLoss)} at collapse)`;
  return `${formatLoss(loss)}${bound}`;
}

function knnText({
  accuracy,
  standardError,
  k,
  temperature,
  pictures,
}: NonNullable<EpochRecord["knn"]>): string {
  const protocol = `leave-one-out on ${counted(pictures, "picture")}, k ${k}, temperature ${temperature}`;
  return `${formatShare(accuracy, standardError)} (${protocol})`;
}

function healthText({ deviation, idealDeviation, rankMe }: NonNullable<EpochRecord["health"]>): string {
  return `deviation ${deviation.toPrecision(2)} (ideal ${idealDeviation.toPrecision(2)}), effective rank ${rankMe.toFixed(1)}`;
}

/** Evaluation if there are labels, otherwise features. */
function nextCommand(run: string, { pictures, cacheDir, allFiles }: PretrainCall, labelled: boolean): string {
  const [runWord, picturesWord] = [pathWord(run), pathWord(pictures)];
  const words = labelled
    ? ["evaluate", runWord, "--data", picturesWord]
    : ["embed", runWord, picturesWord, "--out", "features.parquet"];
  const flags = flagWords({
    "--all-files": allFiles ? true : undefined,
    "--cache-dir": cacheDir && pathWord(cacheDir),
  });
  return shellWords(["afterimage", ...words, ...flags]);
}

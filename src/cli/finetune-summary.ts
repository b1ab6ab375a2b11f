/** The summary of a finished fine-tuning. */
import { join } from "node:path";
import type { FinetuneResult } from "../jobs/finetune-options.ts";
import { counted, formatDuration } from "./format.ts";
import { resultTable } from "./result-table.ts";
import { pathWord, shellWords } from "./shell-words.ts";
import { textTable } from "./table.ts";

export function finetuneSummary(result: FinetuneResult, { pictures }: { pictures: string }): string {
  const { run, encoder, confusion, mistakes, config, steps, seconds, skipped } = result;
  const rows = [
    ["Run", run],
    ["Model", encoder ?? ""],
    ...(confusion === null ? [] : [["Confusion matrix", confusion]]),
    ...(mistakes === null ? [] : [["Worst mistakes", mistakes]]),
    ["Labels", labelsText(result)],
    [
      "Trained",
      `${counted(config.epochs, "epoch")}, ${counted(steps, "step")} in ${formatDuration(seconds)}`,
    ],
    ...(skipped === 0
      ? []
      : [["Skipped", `${counted(skipped, "picture")}, listed in ${join(run, "skipped.jsonl")}`]]),
    ["Seed", `${config.seed}`],
    ["Next", shellWords(["afterimage", "predict", pathWord(run), pathWord(pictures), "--out", "labels.csv"])],
  ];
  const { task, testedOn, scores, baselines, seeds, spread } = result;
  if (scores === null || testedOn === null) return textTable(rows);
  return [resultTable({ task, testedOn, scores, baselines, seeds, spread }), "", textTable(rows)].join("\n");
}

function labelsText({ pictures, labelCounts, config }: FinetuneResult): string {
  const { training, validation, test } = pictures;
  const amount = config.labels?.amount === undefined ? "" : ` (${config.labels.amount})`;
  const held = [
    ...(validation === 0 ? [] : [`${validation} for validation`]),
    ...(test === 0 ? [] : [`${test} for testing`]),
  ];
  const spread = labelCounts === null ? "" : `, ${rangeText(labelCounts)}`;
  return `${counted(training, "picture")} train${amount}${spread}; ${held.join(", ")}`;
}

function rangeText(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${least} of each` : `${least} to ${most} of each`;
}

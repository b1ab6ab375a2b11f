/** The summary of a finished distillation. */
import { join } from "node:path";
import type { DistillResult } from "../jobs/distill-options.ts";
import { counted, formatDuration, formatPercent } from "./format.ts";
import { resultTable } from "./result-table.ts";
import { pathWord, shellWords } from "./shell-words.ts";
import { textTable } from "./table.ts";

export function distillSummary(result: DistillResult, { pictures }: { pictures: string }): string {
  const { run, encoder, confusion, mistakes, config, steps, seconds, skipped, agreement } = result;
  const rows = [
    ["Run", run],
    ["Model", encoder ?? ""],
    ...(confusion === null ? [] : [["Confusion matrix", confusion]]),
    ...(mistakes === null ? [] : [["Worst mistakes", mistakes]]),
    ["Pictures", picturesText(result)],
    ...(agreement === null ? [] : [["As the teacher", agreementText(agreement, result)]]),
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
  const { task, testedOn, scores, teacher } = result;
  if (scores === null || testedOn === null) return textTable(rows);
  const shown = { task, testedOn, scores, baselines: teacher === null ? [] : [teacher], name: "student" };
  return [resultTable(shown), "", textTable(rows)].join("\n");
}

function picturesText({ pictures, config }: DistillResult): string {
  const { training, labelled, validation, test } = pictures;
  const amount = config.labels?.amount === undefined ? "" : ` (${config.labels.amount})`;
  const parts = [
    ...(labelled === 0 ? [] : [`${labelled} with labels that are learned${amount}`]),
    ...(validation === 0 ? [] : [`${validation} for validation`]),
    ...(test === 0 ? [] : [`${test} for testing`]),
  ];
  return [`${counted(training, "picture")} train`, ...parts].join(", ");
}

function agreementText(agreement: number, { testedOn }: DistillResult): string {
  const where = testedOn === null ? "pictures that trained" : "tested pictures";
  return `${formatPercent(agreement)} of the ${where} get the same class`;
}

/** The result of a network that learned from labels, beside what it is compared with. */
import type { BaselineComparison } from "../transfer/compare-baselines.ts";
import type { LabelTask } from "../transfer/label-task.ts";
import {
  type CalibrationScores,
  type ClassesScores,
  type Estimate,
  type Headline,
  headlineOf,
  type NumbersScores,
  type PredictionScores,
  type SeveralScores,
} from "../transfer/prediction-scores.ts";
import { counted, formatNumber, formatPercent, formatShare } from "./format.ts";
import { textTable } from "./table.ts";

export interface ShownResult {
  task: LabelTask;
  testedOn: "test" | "validation";
  scores: PredictionScores;
  baselines: readonly BaselineComparison[];
  /** What the network is called. Default `fine-tuned`. */
  name?: string;
  /** The main score of each training, if there were several. */
  seeds?: readonly number[];
  spread?: { mean: number; deviation: number } | null;
}

const NAMES: Readonly<Record<BaselineComparison["baseline"], string>> = {
  linear: "linear probe",
  knn: "kNN",
  scratch: "same network from scratch",
  teacher: "teacher",
};

/** As lines of text for a terminal. */
export function resultTable(result: ShownResult): string {
  const { task, testedOn, scores, baselines } = result;
  const kinds = {
    classes: counted(task.names.length, "class", "classes"),
    several: `any of ${counted(task.names.length, "label")}`,
    numbers: counted(task.names.length, "column of numbers", "columns of numbers"),
  };
  const also = testedOn === "test" ? "" : ", by which the run was also calibrated";
  return [
    `Tested on ${counted(scores.pictures, "picture")} of the ${testedOn} part${also}: ${kinds[task.kind]}`,
    "",
    textTable(mainRows(result), { right: [1] }),
    ...(baselines.length === 0 ? ["± is one standard error."] : [DIFFERENCES]),
    ...spreadLine(result),
    "",
    ...detailLines(scores, task),
  ].join("\n");
}

const DIFFERENCES = "± is one standard error. A difference of at most two standard errors is not clear.";

function mainRows({ task, scores, baselines, name = "fine-tuned" }: ShownResult): string[][] {
  const own = headlineOf(scores);
  const unit = own.measure === "mean absolute error" && task.names.length > 1 ? ", in deviations" : "";
  const difference = baselines.length === 0 ? [] : [`${name} minus it`];
  return [
    ["", `${own.measure}${unit}`, ...difference],
    [name, headlineText(own)],
    ...baselines.map(({ baseline, headline, comparison }) => [
      NAMES[baseline],
      headlineText(headline),
      differenceText(comparison, headline.measure),
    ]),
  ];
}

function headlineText({ measure, value, standardError }: Headline): string {
  if (measure !== "mean absolute error") return formatShare(value, standardError);
  return `${formatNumber(value)} ± ${formatNumber(standardError, 2)}`;
}

/** The comparison is of outcomes that are better when they are more; an error is shown as it is. */
function differenceText(
  { difference, standardError, verdict }: BaselineComparison["comparison"],
  measure: Headline["measure"],
): string {
  const isError = measure === "mean absolute error";
  const shown = isError ? -difference : difference;
  const size = (value: number) => (isError ? formatNumber(value, 2) : (100 * value).toFixed(1));
  const sign = shown < 0 ? "-" : "+";
  const words = verdict === "unclear" ? "not clear" : verdict;
  return `${sign}${size(Math.abs(shown))} ± ${size(standardError)}, ${words}`;
}

function spreadLine({ scores, seeds = [], spread }: ShownResult): string[] {
  if (!spread) return [];
  const show = (value: number) =>
    scores.kind === "numbers" ? formatNumber(value) : (100 * value).toFixed(1);
  const all = seeds.map(show).join(", ");
  return [
    `${counted(seeds.length, "training")} with seeds of their own: ${all}; mean ${show(spread.mean)}, deviation ${show(spread.deviation)}`,
  ];
}

function detailLines(scores: PredictionScores, task: LabelTask): string[] {
  if (scores.kind === "classes") return classLines(scores);
  return scores.kind === "several" ? severalLines(scores) : [numberTable(scores, task)];
}

function classLines({ balancedAccuracy, macroF1, top5, calibration, byClass }: ClassesScores): string[] {
  const rates = byClass.flatMap(({ name, recall, pictures }) =>
    recall === null ? [] : [{ name, value: recall, pictures }],
  );
  return [
    textTable([
      ["balanced accuracy", shareText(balancedAccuracy)],
      ["macro F1", formatPercent(macroF1)],
      ...(top5 === null ? [] : [["top-5 accuracy", shareText(top5)]]),
      ["calibration error", calibrationText(calibration)],
      ...hardest("hardest classes", rates),
    ]),
  ];
}

function severalLines({ microPrecision, f1, calibration, byLabel }: SeveralScores): string[] {
  const rates = byLabel.flatMap(({ name, precision, pictures }) =>
    precision === null ? [] : [{ name, value: precision, pictures }],
  );
  return [
    textTable([
      ["F1 by label, at 0.5", formatPercent(f1.macro)],
      ["F1 of all pairs, at 0.5", formatPercent(f1.micro)],
      ["precision of all pairs", formatPercent(microPrecision)],
      ["calibration error", calibrationText(calibration)],
      ...hardest("hardest labels", rates),
    ]),
  ];
}

function numberTable({ byColumn, r2 }: NumbersScores, { names }: LabelTask): string {
  const rows = byColumn.map(({ name, mae, r2: own }) => [
    name,
    `${formatNumber(mae.value)} ± ${formatNumber(mae.standardError, 2)}`,
    own === null ? "" : own.toFixed(3),
  ]);
  const mean = names.length === 1 ? [] : [["mean", "", r2 === null ? "" : r2.toFixed(3)]];
  return textTable([["", "mean absolute error", "R²"], ...rows, ...mean], { right: [1, 2] });
}

/** The number of classes that are named. */
const NAMED = 5;

/** Those with the lowest rates, the lowest first; none if there are few or none is below 1. */
function hardest(
  title: string,
  rates: readonly { name: string; value: number; pictures: number }[],
): string[][] {
  const low = rates.filter(({ value }) => value < 1).sort((a, b) => a.value - b.value);
  if (rates.length < 3 || low.length === 0) return [];
  const texts = low
    .slice(0, NAMED)
    .map(({ name, value, pictures }) => `${name} ${formatPercent(value)} (${counted(pictures, "picture")})`);
  return [[title, texts.join(", ")]];
}

function calibrationText({ error, temperature, scaledError }: CalibrationScores): string {
  if (temperature === null || scaledError === null) return formatPercent(error);
  return `${formatPercent(error)}; ${formatPercent(scaledError)} at temperature ${formatNumber(temperature, 3)}`;
}

function shareText({ value, standardError }: Estimate): string {
  return formatShare(value, standardError);
}

/** Predictions as a table for people. */
import type { PicturePrediction } from "../jobs/results/prediction-columns.ts";
import type { LabelTask } from "../transfer/label-task.ts";
import { formatNumber, formatPercent } from "./format.ts";
import { textTable } from "./table.ts";

/** A line for each picture, with what is predicted, and `unlike` where it is unlike all training pictures. */
export function predictionTable(task: LabelTask, predictions: readonly PicturePrediction[]): string {
  const rows = predictions.map((one) => [one.name, ...predicted(one), one.unlike ? "unlike" : ""]);
  const columns = Math.max(...rows.map((row) => row.length), 0);
  const head = headOf(task, columns - 2);
  const right = task.kind === "several" ? [] : numbersOf(task, columns);
  return textTable([["picture", ...head, ""], ...rows], { right });
}

function predicted(one: PicturePrediction): string[] {
  if (one.kind === "classes")
    return one.top.flatMap(({ label, probability }) => [label, formatPercent(probability)]);
  if (one.kind === "several") return [one.labels.join(" | ")];
  return one.numbers.map((value) => formatNumber(value));
}

function headOf({ kind, names }: LabelTask, columns: number): readonly string[] {
  if (kind === "numbers") return names;
  if (kind === "several") return ["labels"];
  return Array.from({ length: columns }, (_, at) => (at === 0 ? "label" : ""));
}

/** The columns with numbers. */
function numbersOf({ kind }: LabelTask, columns: number): number[] {
  const all = Array.from({ length: columns }, (_, at) => at);
  return all.filter((at) => at > 0 && at < columns - 1 && (kind === "numbers" || at % 2 === 0));
}

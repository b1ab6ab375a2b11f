/** Predictions as the columns of a table. */
import type { LabelTask } from "../../transfer/label-task.ts";
import type { Prediction } from "../../transfer/predictions.ts";

/** What is predicted for one picture. */
export type PicturePrediction = { name: string } & Prediction & {
    /** Cosine distance to the nearest training picture, from 0 to 2; null if the run cannot tell. */
    distance: number | null;
    /** Whether that is farther than nearly all training pictures are from each other; null as above. */
    unlike: boolean | null;
  };

/** A cell has nothing where a run cannot tell. */
export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  type: "text" | "number" | "flag";
  cells: Cell[];
}

/** Between labels of one picture. */
const SEPARATOR = "|";

/**
 * The columns: `name`; for classes `label` and `probability`, then `label_2`, `probability_2`, …; for several
 * labels `labels` with `|` between them, then one column of probabilities for each; for numbers one column
 * for each; and last `distance` and `unlike`.
 */
export function predictionColumns(task: LabelTask, predictions: readonly PicturePrediction[]): Column[] {
  return [
    { name: "name", type: "text", cells: predictions.map(({ name }) => name) },
    ...ownColumns(task, predictions),
    { name: "distance", type: "number", cells: predictions.map(({ distance }) => distance) },
    { name: "unlike", type: "flag", cells: predictions.map(({ unlike }) => unlike) },
  ];
}

function ownColumns(task: LabelTask, predictions: readonly PicturePrediction[]): Column[] {
  if (task.kind === "classes") return classColumns(predictions);
  const values = task.names.map((name, at) => numberColumn(nameOfColumn(name), predictions, at));
  if (task.kind === "numbers") return values;
  const labels = predictions.map((own) => (own.kind === "several" ? own.labels.join(SEPARATOR) : null));
  return [{ name: "labels", type: "text", cells: labels }, ...values];
}

function classColumns(predictions: readonly PicturePrediction[]): Column[] {
  const tops = predictions.map((own) => (own.kind === "classes" ? own.top : []));
  const count = tops[0]?.length ?? 1;
  return Array.from({ length: count }, (_, at): Column[] => {
    const end = at === 0 ? "" : `_${at + 1}`;
    return [
      { name: `label${end}`, type: "text", cells: tops.map((top) => top[at]?.label ?? null) },
      { name: `probability${end}`, type: "number", cells: tops.map((top) => top[at]?.probability ?? null) },
    ];
  }).flat();
}

function numberColumn(name: string, predictions: readonly PicturePrediction[], at: number): Column {
  const cells = predictions.map((own) => {
    if (own.kind === "classes") return null;
    return (own.kind === "several" ? own.probabilities : own.numbers)[at] ?? null;
  });
  return { name, type: "number", cells };
}

/** The columns that every table has keep their names for themselves. */
const TAKEN = ["name", "labels", "distance", "unlike"];

function nameOfColumn(label: string): string {
  return TAKEN.includes(label.toLowerCase()) ? `predicted ${label}` : label;
}

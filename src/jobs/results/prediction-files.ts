/** The files that predictions are written to. */
import { extname } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { encodeCsv, looksLikeFormula } from "../../formats/csv.ts";
import { optionName } from "../../options/option-name.ts";
import type { LabelTask } from "../../transfer/label-task.ts";
import type { OpenClassifier } from "../open-classifier.ts";
import { type Cell, type Column, type PicturePrediction, predictionColumns } from "./prediction-columns.ts";

export interface WrittenPredictions {
  classifier: Pick<OpenClassifier, "name" | "step" | "task" | "temperature" | "familiar">;
  predictions: readonly PicturePrediction[];
  dataset: Pick<PictureDataset, "skipped">;
}

const ENCODERS: Readonly<Record<string, (written: WrittenPredictions) => string | Uint8Array>> = {
  ".csv": predictionCsv,
  ".json": predictionJson,
  ".parquet": predictionParquet,
};

/** @throws AfterimageError `usage/value` for an unknown file ending. */
export function requirePredictionKind(out: string): void {
  if (ENCODERS[extname(out).toLowerCase()] !== undefined) return;
  throw new AfterimageError("usage/value", {
    what: "predictions cannot be written to this kind of file",
    where: optionName("out"),
    expected: `a name that ends in ${Object.keys(ENCODERS).join(", ")}`,
    got: out,
  });
}

/** The content of a file of a known ending. */
export function predictionFile(out: string, written: WrittenPredictions): string | Uint8Array {
  return ENCODERS[extname(out).toLowerCase()]!(written);
}

/** A note if the CSV has other names or labels than the pictures and the run; none for other kinds. */
export function formulaNote(
  out: string,
  { task, predictions }: { task: LabelTask; predictions: readonly PicturePrediction[] },
): string[] {
  if (extname(out).toLowerCase() !== ".csv") return [];
  const count = predictions.filter(({ name }) => looksLikeFormula(name)).length;
  const labels = task.names.filter(looksLikeFormula).length;
  return [
    ...(count === 0
      ? []
      : [`names that a spreadsheet would take for formulas begin with ./ in ${out} (${count})`]),
    ...(labels === 0
      ? []
      : [`labels that a spreadsheet would take for formulas begin with ' in ${out} (${labels})`]),
  ];
}

function predictionCsv({ classifier, predictions }: WrittenPredictions): string {
  const columns = predictionColumns(classifier.task, predictions);
  const rows = predictions.map((_, row) => columns.map(({ cells }, at) => csvCell(cells[row]!, at === 0)));
  return encodeCsv([columns.map(({ name }) => csvCell(name, false)), ...rows]);
}

/** A name stays a path to its picture; a label gets an apostrophe, which spreadsheets do not show. */
function csvCell(cell: Cell, isName: boolean): string {
  if (typeof cell !== "string") return cellText(cell);
  if (!looksLikeFormula(cell)) return cell;
  return isName ? `./${cell}` : `'${cell}`;
}

/** Six digits are more than a prediction is exact to. */
export function cellText(cell: Cell): string {
  if (cell === null) return "";
  return typeof cell === "number" ? `${Number(cell.toPrecision(6))}` : `${cell}`;
}

/** An object with one line for each picture. */
function predictionJson({ classifier, predictions, dataset }: WrittenPredictions): string {
  const { name: run, step, task, temperature, familiar } = classifier;
  const facts = { run, step, task, temperature, unlikeAbove: familiar?.threshold ?? null };
  const lines = predictions.map(({ kind: _, ...prediction }) => `  ${JSON.stringify(prediction)}`);
  const head = JSON.stringify({ ...facts, skipped: dataset.skipped }).slice(0, -1);
  return `${head},\n "pictures": [\n${lines.join(",\n")}\n]}\n`;
}

const PARQUET_TYPES = { text: "STRING", number: "DOUBLE", flag: "BOOLEAN" } as const;

/** The columns of the CSV, with `skipped` in the metadata, as JSON. */
function predictionParquet({ classifier, predictions, dataset }: WrittenPredictions): Uint8Array {
  const columns = predictionColumns(classifier.task, predictions);
  const { skipped } = dataset;
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(parquetColumn),
      createdBy: "afterimage",
      ...(skipped.length > 0 && { kvMetadata: [{ key: "skipped", value: JSON.stringify(skipped) }] }),
    }),
  );
}

function parquetColumn({ name, type, cells }: Column) {
  return { name, type: PARQUET_TYPES[type], data: cells, nullable: true };
}

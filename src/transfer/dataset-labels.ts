/** The labels of a data set, in whichever form it has them. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { TargetColumn } from "../data/targets.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { optionName } from "../options/option-name.ts";
import { type Answers, TARGET_OF, type TaskKind } from "./label-task.ts";
import { type ReadLabels, readLabels } from "./read-labels.ts";

/**
 * The labels of a data set: as they are written, or its targets `labels` or `numbers`, or its classes; the
 * first of these that it has, and that is of the kind asked for.
 *
 * @throws AfterimageError `data/targets` when it has none, or none of the kind.
 */
export function datasetLabels(
  dataset: PictureDataset,
  kind: TaskKind | undefined,
  where: string,
): ReadLabels {
  if (dataset.written !== undefined && !keepsClasses(dataset, kind)) return readLabels(dataset.written, kind);
  const kinds: readonly TaskKind[] = kind === undefined ? ["several", "numbers", "classes"] : [kind];
  for (const one of kinds) {
    const read = one === "classes" ? classesOf(dataset) : rowsOf(dataset, one);
    if (read !== null) {
      const labelled = Int32Array.from({ length: dataset.size }, (_, place) => place);
      return { ...read, labelled, notes: [] };
    }
  }
  throw noLabels(dataset, kind, where);
}

/** Folders of which every picture is in one keep their classes, also those whose pictures are all broken. */
function keepsClasses({ written, labels }: PictureDataset, kind: TaskKind | undefined): boolean {
  return written?.from === "folders" && labels !== null && (kind ?? "classes") === "classes";
}

type Read = Pick<ReadLabels, "names" | "answers">;

function classesOf({ labels, classNames }: PictureDataset): Read | null {
  if (labels === null) return null;
  const highest = labels.reduce((most, label) => Math.max(most, label), 0);
  const names = classNames ?? Array.from({ length: highest + 1 }, (_, label) => `${label}`);
  return { names, answers: { kind: "classes", classes: labels } };
}

function rowsOf(dataset: PictureDataset, kind: "several" | "numbers"): Read | null {
  const name = TARGET_OF[kind];
  const column = dataset.targets?.rows?.[name];
  if (column === undefined) return null;
  const rows = matrixOf(column, dataset.size, name);
  const stray = kind === "several" ? rows.data.findIndex((value) => value !== 0 && value !== 1) : -1;
  if (stray >= 0) throw notOfForm(name, "0 or 1 for each label", `${rows.data[stray]}`);
  const { classNames } = dataset;
  const names =
    classNames?.length === rows.cols ? classNames : Array.from({ length: rows.cols }, (_, k) => `${k}`);
  return { names, answers: { kind, rows } as Answers };
}

function matrixOf({ data, shape, dtype }: TargetColumn, rows: number, name: string): Matrix {
  if (dtype !== "float32" || shape.length > 1)
    throw notOfForm(name, "float32 rows of one axis", `${dtype} [${shape}]`);
  const stray = data.findIndex((value) => !Number.isFinite(value));
  if (stray >= 0) throw notOfForm(name, "finite numbers", `${data[stray]}`);
  return { rows, cols: shape[0] ?? 1, data: data as Float32Array };
}

function notOfForm(name: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "a target of the pictures cannot be read as labels",
    where: name,
    expected,
    got,
  });
}

function noLabels(
  { unlabelled }: PictureDataset,
  kind: TaskKind | undefined,
  where: string,
): AfterimageError {
  const wanted = kind === undefined || kind === "classes" ? "classes" : `a target ${TARGET_OF[kind]}`;
  return new AfterimageError("data/targets", {
    what: "the pictures have no labels to learn from",
    where,
    expected: `${wanted}: a sub-folder for each class, or a list with labels`,
    got: unlabelled ?? (kind === undefined ? "none" : `none for ${optionName("task")} ${kind}`),
  });
}

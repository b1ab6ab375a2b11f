/** Reads written labels as answers: the class, the labels or the numbers of each picture. */
import { sortLabels } from "../data/sort-labels.ts";
import { isNoNumber, isWrittenNumber, type WrittenLabels, type WrittenRow } from "../data/written-labels.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { optionName, optionValues } from "../options/option-name.ts";
import { LABEL_SEPARATOR, recogniseKind } from "./label-kind.ts";
import type { Answers, TaskKind } from "./label-task.ts";

export interface ReadLabels {
  /** Names of the K outputs. */
  names: readonly string[];
  /** The answers of the labelled pictures only. */
  answers: Answers;
  /** Places of the pictures that have a label, ascending. */
  labelled: Int32Array;
  /** Notes for the user, a sentence each. */
  notes: string[];
}

/**
 * Reads labels as they are written. Without a `kind` it is recognised ({@link recogniseKind}).
 *
 * - `classes`: names of classes, sorted by number if all are whole numbers, otherwise by code unit.
 * - `several`: `a|b` in one column, where `|` alone means none of the labels; or 0 and 1 in a column for each
 *   label.
 * - `numbers`: one number or more. A picture without one of them, or with "nan" or "NA", has no label.
 *
 * @throws AfterimageError `data/targets` when no picture has a label, and for labels that are not of the
 * kind, with the first line that has one; `usage/value` for classes in several columns.
 */
export function readLabels(written: WrittenLabels, kind?: TaskKind): ReadLabels {
  const isEmpty = written.rows.every(({ cells }) => cells.every((cell) => cell === ""));
  if (isEmpty) throw nothingLabelled(written);
  const recognised = kind === undefined ? recogniseKind(written) : { kind, notes: [] };
  const { read, hasLabel } = READERS[recognised.kind];
  const places = [...written.rows.keys()].filter((place) => hasLabel(written.rows[place]!));
  if (places.length === 0) throw nothingLabelled(written);
  const own = read({ ...written, rows: places.map((place) => written.rows[place]!) });
  return { ...own, labelled: Int32Array.from(places), notes: recognised.notes };
}

type Reader = {
  hasLabel(row: WrittenRow): boolean;
  read(written: WrittenLabels): Pick<ReadLabels, "names" | "answers">;
};

const READERS: Readonly<Record<TaskKind, Reader>> = {
  classes: { hasLabel: ({ cells }) => cells.some(Boolean), read: readClasses },
  several: { hasLabel: ({ cells }) => cells.length > 0 && cells.every(Boolean), read: readSeveral },
  numbers: {
    hasLabel: ({ cells }) => cells.length > 0 && !cells.some(isNoNumber),
    read: readNumbers,
  },
};

function readClasses({ rows, columns, source }: WrittenLabels) {
  if (columns.length > 1) throw classesInColumns(columns, source);
  const texts = rows.map(({ cells }) => cells[0]!);
  const names = sortLabels(new Set(texts));
  const places = new Map(names.map((name, place) => [name, place]));
  const classes = Int32Array.from(texts, (text) => places.get(text)!);
  return { names, answers: { kind: "classes", classes } as const };
}

function readSeveral(written: WrittenLabels) {
  const { rows, columns } = written;
  if (columns.length > 1) {
    const cells = rows.flatMap((row) => row.cells.map((cell) => markIn(cell, row, written)));
    return { names: columns, answers: { kind: "several", rows: matrix(rows.length, cells) } as const };
  }
  const sets = rows.map(({ cells }) => separate(cells[0]!));
  const names = sortLabels(new Set(sets.flat()));
  if (names.length === 0) throw nothingLabelled(written);
  const cells = sets.flatMap((own) => names.map((name) => (own.includes(name) ? 1 : 0)));
  return { names, answers: { kind: "several", rows: matrix(rows.length, cells) } as const };
}

function separate(text: string): string[] {
  const parts = text.split(LABEL_SEPARATOR).map((part) => part.trim());
  return parts.filter((part) => part !== "");
}

function markIn(cell: string, row: WrittenRow, written: WrittenLabels): number {
  if (cell === "0" || cell === "1") return Number(cell);
  throw notOfKind(cell, row, written, "0 or 1 in the column of each label");
}

function readNumbers(written: WrittenLabels) {
  const { rows, columns } = written;
  const cells = rows.flatMap((row) => row.cells.map((cell) => numberIn(cell, row, written)));
  const names = columns.length === 0 ? ["number"] : columns;
  return { names, answers: { kind: "numbers", rows: matrix(rows.length, cells) } as const };
}

function numberIn(cell: string, row: WrittenRow, written: WrittenLabels): number {
  const value = Number(cell);
  if (isWrittenNumber(cell) && Number.isFinite(Math.fround(value))) return value;
  throw notOfKind(cell, row, written, "a number that a float32 can hold, such as 12 or 0.5");
}

function matrix(rows: number, cells: readonly number[]): Matrix {
  return { rows, cols: cells.length / rows, data: Float32Array.from(cells) };
}

function notOfKind(
  cell: string,
  { line }: WrittenRow,
  { source }: WrittenLabels,
  expected: string,
): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "a label is not what the others are read as",
    where: line === null ? `${source}/${cell}` : `${source}, line ${line}`,
    expected,
    got: `"${cell}"`,
    todo: `Correct it, leave it empty if it is not known, or choose another ${optionName("task")}.`,
  });
}

function classesInColumns(columns: readonly string[], source: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "classes are read from one column of the list",
    where: source,
    expected: `one column called label, or ${optionValues({ task: "several" })} for columns of 0 and 1`,
    got: columns.join(", "),
  });
}

function nothingLabelled({ source, from }: WrittenLabels): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "none of the pictures has a label",
    where: source,
    expected:
      from === "folders"
        ? "a sub-folder for each class, or a list with a label on each line"
        : "a label on each line, or a column of labels",
    ...(from === "list" && {
      todo: "If a column has them, call it label in the first line of the list.",
    }),
  });
}

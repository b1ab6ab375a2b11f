import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { isNoNumber, isWrittenNumber, type LabelColumns } from "../written-labels.ts";
import { type BytePath, displayPath, trimPath } from "./byte-path.ts";
import type { ListRow } from "./list-rows.ts";
import { PICTURE_NAME } from "./picture-names.ts";
import { type Part, partNamed } from "./split.ts";

/** A picture as described by a row of a list. */
export interface ListEntry {
  line: number;
  path: BytePath;
  /** The label, if one column has labels. */
  label: string | null;
  /** What each column of labels says. */
  cells: string[];
  part: Part | null;
}

export interface ListEntries {
  entries: ListEntry[];
  /** Columns of labels, by their names in the header. */
  labelled: string[];
  /** Columns that are not used, by their names in the header. */
  unused: string[];
}

/** The index of each column in a row; -1 for a column that does not exist. */
interface Columns {
  path: number;
  labels: readonly number[];
  part: number;
}

export interface ReadColumns {
  /** The list, for errors. */
  file: string;
  /** Whether a field is the path of a file; a line with such a field is no header. */
  isFile: (path: BytePath) => boolean;
  /** Columns of labels; by default the one whose name says so. */
  labels?: LabelColumns | undefined;
}

/** Names of columns in headers; earlier names are preferred. */
const PATH_NAMES = [
  ..."path file filename filepath image imagepath imagefile img imgpath picture".split(" "),
  ..."imagename name imageid id".split(" "),
];
const LABEL_NAMES = "label labels class classname category target species labelname y".split(" ");
const PART_NAMES = "split set subset partition part".split(" ");

/** Columns that number or name pictures, and no labels. */
const NUMBERING = new Set([...PATH_NAMES, "index", "number", "no"]);

/**
 * Interprets the rows of a list: by their header if they have one, by MXNet's form (index, label, path), or
 * as a path and a label. Blanks around labels are removed, and an empty label counts as none.
 *
 * With labels in `"any"` columns and none named as such, another column is taken if it is the only one, and
 * several are if all of them hold numbers.
 *
 * @throws AfterimageError `data/format` for more columns than are understood, or parts that have no known
 * name; `usage/value` for columns of labels that the list does not have, or that must be named.
 */
export function listEntries(rows: readonly ListRow[], read: ReadColumns): ListEntries {
  const { file, isFile } = read;
  const header = rows[0] && !rows[0].fields.some(isFile) ? headerOf(rows, read) : null;
  if (header) {
    const { columns, labelled, unused } = header;
    return { entries: rows.slice(1).map((row) => entryOf(row, columns, file)), labelled, unused };
  }
  if (Array.isArray(read.labels)) throw noHeader(file, read.labels);
  const whole = { labelled: [], unused: [] };
  if (rows.length > 0 && rows.every(isMxnet)) return { entries: rows.map(mxnetEntry), ...whole };
  const plain = { path: 0, labels: [1], part: -1 };
  for (const row of rows) requireTwoColumns(row, file);
  return { entries: rows.map((row) => entryOf(row, plain, file)), ...whole };
}

type Header = { columns: Columns } & Pick<ListEntries, "labelled" | "unused">;

function headerOf(rows: readonly ListRow[], read: ReadColumns): Header | null {
  const titles = rows[0]!.fields.map((field) => displayPath(field).trim());
  const names = titles.map(plainName);
  const find = (known: readonly string[]) =>
    names.indexOf(known.find((name) => names.includes(name)) ?? "\0");
  const [path, part] = [find(PATH_NAMES), find(PART_NAMES)];
  if (path < 0) return null;
  const named = find(LABEL_NAMES);
  const others = [...names.keys()].filter((at) => at !== path && at !== part && titles[at] !== "");
  const labels = labelColumns({ rows, titles, names, named, others }, read);
  const unused = others.filter((at) => !labels.includes(at));
  const titled = (of: readonly number[]) => of.map((at) => titles[at]!);
  return { columns: { path, labels, part }, labelled: titled(labels), unused: titled(unused) };
}

interface HeaderColumns {
  rows: readonly ListRow[];
  /** As they are written, and in plain letters. */
  titles: readonly string[];
  names: readonly string[];
  /** The column that is named as one of labels; -1 if there is none. */
  named: number;
  /** Columns that hold neither paths nor parts. */
  others: readonly number[];
}

function labelColumns(columns: HeaderColumns, { file, labels = "named" }: ReadColumns): readonly number[] {
  const { rows, titles, names, named, others } = columns;
  if (typeof labels !== "string") return labels.map((label) => columnNamed(label, columns, file));
  if (named >= 0) return [named];
  if (labels === "named") return [];
  const possible = others.filter((at) => !NUMBERING.has(names[at]!));
  const isNumeric = (at: number) => rows.slice(1).every(({ fields }) => isEmptyOrNumber(fields[at]));
  if (possible.length < 2 || possible.every(isNumeric)) return possible;
  throw new AfterimageError("usage/value", {
    what: "several columns of the list may hold the labels",
    where: file,
    expected: "one column named label, one other column, or several columns of numbers",
    got: possible.map((at) => titles[at]).join(", "),
    todo: "Call the column of labels label in the first line, or remove the other columns.",
  });
}

function isEmptyOrNumber(field: BytePath | undefined): boolean {
  const text = displayPath(field ?? ("" as BytePath)).trim();
  return isNoNumber(text) || isWrittenNumber(text);
}

function columnNamed(label: string, { titles, names, others }: HeaderColumns, file: string): number {
  const at = titles.includes(label.trim()) ? titles.indexOf(label.trim()) : names.indexOf(plainName(label));
  if (others.includes(at)) return at;
  throw new AfterimageError("usage/value", {
    what: `the list has no column of labels "${label}"`,
    where: file,
    expected:
      others.length === 0 ? "other columns besides the path" : others.map((one) => titles[one]).join(", "),
  });
}

function plainName(title: string): string {
  return title.toLowerCase().replace(/[\s_-]/g, "");
}

function entryOf({ line, fields }: ListRow, columns: Columns, file: string): ListEntry {
  const text = (at: number) => displayPath((fields[at] ?? "") as BytePath).trim();
  const part = partNamed(text(columns.part));
  if (part === null && text(columns.part) !== "") throw unknownPart(file, line, text(columns.part));
  const cells = columns.labels.map(text);
  return { line, path: fields[columns.path] ?? ("" as BytePath), label: onlyLabel(cells), cells, part };
}

function onlyLabel(cells: readonly string[]): string | null {
  return (cells.length === 1 && cells[0]) || null;
}

const isNumber = (field: string) => /^\s*-?\d+(?:\.\d*)?\s*$/.test(field);

/** MXNet's lists: a running number, a label that is a number with decimals, a path. */
function isMxnet({ fields }: ListRow): boolean {
  const [index = "", label = "", path = ""] = fields;
  return (
    fields.length === 3 && /^\s*\d+\s*$/.test(index) && isNumber(label) && PICTURE_NAME.test(trimPath(path))
  );
}

function mxnetEntry({ line, fields }: ListRow): ListEntry {
  const label = `${Number(fields[1])}`;
  return { line, path: fields[2]!, label, cells: [label], part: null };
}

function requireTwoColumns({ line, fields }: ListRow, file: string): void {
  const third = fields.slice(2).find((field) => trimPath(field) !== "");
  if (third === undefined) return;
  throw new AfterimageError("data/format", {
    what: "a list without a header line has two columns, a path and a label",
    where: `${file}, line ${line}`,
    expected: "a path on each line, and optionally a label",
    got: `a third column, "${displayPath(third).trim()}"`,
    todo: "Remove the other columns, or add a first line with the names of the columns: path, label, split.",
  });
}

function unknownPart(file: string, line: number, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "the list names an unknown split",
    where: `${file}, line ${line}`,
    expected: "train, val or test in the column of splits",
    got: `"${got}"`,
  });
}

function noHeader(file: string, labels: readonly string[]): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "the list has no header line, so its columns have no names",
    where: file,
    expected: "a first line with the names of the columns, such as path, label, split",
    got: `${optionName("labelColumns")} with ${labels.join(", ")}`,
  });
}

import { AfterimageError } from "../../errors.ts";
import { type BytePath, displayPath, trimPath } from "./byte-path.ts";
import type { ListRow } from "./list-rows.ts";
import { PICTURE_NAME } from "./picture-names.ts";
import { type Part, partNamed } from "./split.ts";

/** A picture as described by a row of a list. */
export interface ListEntry {
  line: number;
  path: BytePath;
  label: string | null;
  part: Part | null;
}

export interface ListEntries {
  entries: ListEntry[];
  /** Columns that are not used, by their names in the header. */
  unused: string[];
}

/** The index of each column in a row; -1 for a column that does not exist. */
interface Columns {
  path: number;
  label: number;
  part: number;
}

/** Names of columns in headers; earlier names are preferred. */
const PATH_NAMES = [
  ..."path file filename filepath image imagepath imagefile img imgpath picture".split(" "),
  ..."imagename name imageid id".split(" "),
];
const LABEL_NAMES = "label labels class classname category target species labelname y".split(" ");
const PART_NAMES = "split set subset partition part".split(" ");

/**
 * Interprets the rows of a list: by their header if they have one, by MXNet's form (index, label, path), or
 * as a path and a label. Blanks around labels are removed, and an empty label counts as none.
 *
 * @param isFile whether a field is the path of a file; a line with such a field is no header.
 * @throws AfterimageError `data/format` for more columns than are understood, or parts that have no known
 * name.
 */
export function listEntries(
  rows: readonly ListRow[],
  file: string,
  isFile: (path: BytePath) => boolean,
): ListEntries {
  const header = rows[0] && !rows[0].fields.some(isFile) ? headerOf(rows[0]) : null;
  if (header) {
    const { columns, unused } = header;
    return { entries: rows.slice(1).map((row) => entryOf(row, columns, file)), unused };
  }
  if (rows.length > 0 && rows.every(isMxnet)) return { entries: rows.map(mxnetEntry), unused: [] };
  const plain = { path: 0, label: 1, part: -1 };
  for (const row of rows) requireTwoColumns(row, file);
  return { entries: rows.map((row) => entryOf(row, plain, file)), unused: [] };
}

function headerOf({ fields }: ListRow): { columns: Columns; unused: string[] } | null {
  const names = fields.map((field) =>
    displayPath(field)
      .toLowerCase()
      .replace(/[\s_-]/g, ""),
  );
  const find = (known: readonly string[]) =>
    names.indexOf(known.find((name) => names.includes(name)) ?? "\0");
  const columns = { path: find(PATH_NAMES), label: find(LABEL_NAMES), part: find(PART_NAMES) };
  if (columns.path < 0) return null;
  const used = new Set(Object.values(columns));
  const unused = fields.filter((field, at) => !used.has(at) && field.trim() !== "").map(displayPath);
  return { columns, unused };
}

function entryOf({ line, fields }: ListRow, columns: Columns, file: string): ListEntry {
  const text = (at: number) => displayPath((fields[at] ?? "") as BytePath).trim();
  const part = partNamed(text(columns.part));
  if (part === null && text(columns.part) !== "") throw unknownPart(file, line, text(columns.part));
  return { line, path: fields[columns.path] ?? ("" as BytePath), label: text(columns.label) || null, part };
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
  return { line, path: fields[2]!, label: `${Number(fields[1])}`, part: null };
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

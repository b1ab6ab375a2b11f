/** Aligned plain text: columns of words to the left, of numbers to the right. */
import { visibleLine } from "./visible-text.ts";

export interface TableOptions {
  /** Numbers of the columns that are aligned to the right. */
  right?: readonly number[];
  indent?: string;
}

/** Formats rows as columns; no line ends with blanks. */
export function textTable(cells: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { right = [], indent = "" } = options;
  const rows = cells.map((row) => row.map(visibleLine)); // widths are those of what is shown
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, c) =>
    rows.reduce((most, row) => Math.max(most, (row[c] ?? "").length), 0),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (right.includes(c) ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join("  ");
  return rows.map((row) => `${indent}${line(row)}`.trimEnd()).join("\n");
}

/** The demo's result as aligned plain text: a row for each task and measure, a column for each encoder. */

export interface TableRow {
  /** "copy detection", "noto – twemoji". Consecutive rows with the same task print it once. */
  task: string;
  /** "recall@1". */
  measure: string;
  /** A share between 0 and 1 for each column. A share that is not finite is printed as a dash. */
  values: readonly number[];
}

/**
 * Aligns the rows under the columns' names. Numbers are right-aligned with three decimals. A thin line is
 * under the head and before each row in `ruleBefore`.
 *
 * @returns lines joined by "\n", without one at the end.
 */
export function textTable(
  columns: readonly string[],
  rows: readonly TableRow[],
  ruleBefore: readonly number[] = [],
): string {
  const cells = [["", "", ...columns], ...rows.map((row, i) => cellsOf(row, rows[i - 1]))];
  const widths = cells[0]!.map((_, c) => Math.max(...cells.map((line) => line[c]!.length)));
  const lines = cells.map((line) =>
    line
      .map((cell, c) => align(cell, widths[c]!, c < 2))
      .join("   ")
      .trimEnd(),
  );
  const rule = "─".repeat(Math.max(...lines.map((line) => line.length)));
  return lines
    .flatMap((line, i) => (i === 1 || ruleBefore.includes(i - 1) ? [rule, line] : [line]))
    .join("\n");
}

function cellsOf({ task, measure, values }: TableRow, previous: TableRow | undefined): string[] {
  return [task === previous?.task ? "" : task, measure, ...values.map(formatShare)];
}

/** 0.6512 as ".651", the form of recalls in papers; 1 as "1.000". */
export function formatShare(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3).replace(/^0\./, ".") : "–";
}

function align(cell: string, width: number, isText: boolean): string {
  return isText ? cell.padEnd(width) : cell.padStart(width);
}

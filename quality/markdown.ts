/** A Markdown table with columns of equal width; all but the first are right-aligned. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, c) => Math.max(3, title.length, ...rows.map((row) => row[c]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join(" | ")} |`;
  const rule = widths.map((width, c) => (c === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** A share as a percentage with one decimal, and with its spread if there is one: `71.2 ± 0.4`. */
export function percentWithSpread(share: number, spread: number | null): string {
  const text = (100 * share).toFixed(1);
  return spread === null ? text : `${text} ± ${(100 * spread).toFixed(1)}`;
}

const WIDTH = 110;

/** A paragraph in lines of at most 110 columns, broken at spaces. A longer word has a line of its own. */
export function wrapped(paragraph: string): string {
  const [first = "", ...words] = paragraph.split(/\s+/);
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("\n");
}

/** Recall@1 and recall@5 in percent: `15.4 / 35.1`; a dash if they are unknown. */
export function recallsInPercent(recalls: Readonly<{ at1: number; at5: number }> | null): string {
  if (recalls === null) return "–";
  return [recalls.at1, recalls.at5].map((share) => percentWithSpread(share, null)).join(" / ");
}

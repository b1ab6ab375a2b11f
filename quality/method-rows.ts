/** Results in docs/methods.md: a paragraph under the heading of each method that has results. */
import { type Entry, entriesOf } from "./entry.ts";
import { percentWithSpread } from "./markdown.ts";
import { type Results, USUAL_MINUTES } from "./result.ts";

/** The invisible mark before every paragraph that this module writes. */
const MARK = "<!-- row of quality.md -->";
const WRITTEN = new RegExp(`${MARK}\n(?:[^\n]+\n)+\n`, "g");
/** The line of a section that begins with the method's name. */
const PAPER_LINE = /^`([a-z0-9-]+)` · .*\n\n/gm;

/**
 * The text with its paragraphs of results replaced by those of these results. A repetition changes nothing.
 */
export function withMethodRows(text: string, results: Results): string {
  return text.replace(WRITTEN, "").replace(PAPER_LINE, (line, name: string) => {
    const row = rowOf(name, results);
    return row === null ? line : `${line}${MARK}\n${row}\n\n`;
  });
}

function rowOf(name: string, { results, refusals }: Results): string | null {
  const sets = [...new Set([...results, ...refusals].map(({ set }) => set))].sort();
  const parts = sets.flatMap((set) => {
    const own = results.filter((result) => result.set === set && result.name === name);
    const [entry] = entriesOf(own.filter(({ minutesAsked }) => minutesAsked === USUAL_MINUTES));
    if (entry !== undefined) return [partOf(entry)];
    const refusal = refusals.find((each) => each.set === set && each.name === name);
    return refusal === undefined ? [] : [`not on ${refusal.set}: ${refusal.refused}`];
  });
  return parts.length === 0 ? null : `**[Results](quality.md)** ${parts.join(";\n")}.`;
}

function partOf({ first, knn, knnDeviation, linear, linearDeviation }: Entry): string {
  const accuracies = `kNN ${percentWithSpread(knn, knnDeviation)} %, linear probe ${percentWithSpread(linear, linearDeviation)} %`;
  return `${first.setTitle} in ${first.minutesAsked} minutes: ${accuracies}`;
}

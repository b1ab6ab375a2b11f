/** docs/quality.md, as a pure function of the result files. */
import { collapseSection } from "./collapse-section.ts";
import type { Contestant } from "./contestant.ts";
import { entriesOf } from "./entry.ts";
import { headSection } from "./head-section.ts";
import { longerSection } from "./longer-section.ts";
import { machinesOf } from "./machines-of.ts";
import { type Results, USUAL_MINUTES } from "./result.ts";
import { setSection } from "./set-section.ts";

/** @param known everything that can be run. Methods without a result are named. */
export function reportOf(
  { results, refusals }: Results,
  known: readonly Pick<Contestant, "name" | "title" | "group">[],
): string {
  const machines = machinesOf(results);
  const usual = results.filter(({ minutesAsked }) => minutesAsked === USUAL_MINUTES);
  const sets = [...new Set(results.map(({ set }) => set))].sort();
  const sections = sets.flatMap((set) => {
    const entries = entriesOf(usual.filter((result) => result.set === set));
    const collapses = collapseSection(entries);
    const refused = refusals.filter((refusal) => refusal.set === set);
    return [setSection(entries, { known, refused, machines }), ...(collapses === null ? [] : [collapses])];
  });
  const longer = longerSection(results.filter((result) => !usual.includes(result)));
  const parts = [headSection(usual), ...sections, ...(longer === null ? [] : [longer])];
  return `${parts.join("\n\n")}\n`;
}

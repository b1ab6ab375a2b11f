/** Estimates of all seeds together: the lines of the figure and of the table. */
import { markdownTable } from "../markdown.ts";
import { mean } from "../statistics.ts";
import type { BoundEstimate } from "./bounds-file.ts";
import type { BoundName } from "./train-bound.ts";

export interface BoundLine {
  name: string;
  bound: BoundName;
  batch: number;
  /** Whether the critic of this bound is judged by the Donsker–Varadhan bound. */
  isTransferred?: true;
}

/** What is shown, in this order. */
export const BOUND_LINES: readonly BoundLine[] = [
  { name: "Donsker–Varadhan", bound: "donsker-varadhan", batch: 64 },
  { name: "InfoNCE, N = 256", bound: "info-nce", batch: 256 },
  { name: "InfoNCE, N = 64", bound: "info-nce", batch: 64 },
  { name: "InfoNCE, N = 16", bound: "info-nce", batch: 16 },
  { name: "Jensen–Shannon", bound: "jensen-shannon", batch: 64 },
  { name: "JS critic in DV", bound: "jensen-shannon", batch: 64, isTransferred: true },
];

export interface BoundPoint {
  information: number;
  /** Means over the seeds. */
  mean: number;
  deviation: number;
}

/** The points of a line, by rising information. */
export function pointsOf(line: BoundLine, estimates: readonly BoundEstimate[]): BoundPoint[] {
  const own = estimates.filter(({ bound, batch }) => bound === line.bound && batch === line.batch);
  const all = [...new Set(own.map(({ information }) => information))].sort((a, b) => a - b);
  return all.map((information) => {
    const seeds = own
      .filter((one) => one.information === information)
      .map((one) => (line.isTransferred ? one.asDonskerVaradhan : one));
    return {
      information,
      mean: mean(seeds.map((seed) => seed.mean)),
      deviation: mean(seeds.map((seed) => seed.deviation)),
    };
  });
}

/** A row for each line: its estimates and their deviations, for each information. */
export function boundsTable(estimates: readonly BoundEstimate[]): string {
  const truths = [...new Set(estimates.map(({ information }) => information))].sort((a, b) => a - b);
  const rows = BOUND_LINES.map((line) => [
    line.name,
    ...pointsOf(line, estimates).map((point) => `${point.mean.toFixed(2)} ± ${point.deviation.toFixed(2)}`),
  ]);
  return markdownTable(["nats that are shared", ...truths.map(String)], rows);
}

/** The table of measures by which the trained network is better, worse or unclear. */
import type { Comparison } from "../jobs/evaluate.ts";
import { textTable } from "./table.ts";

const OTHERS = ["pixels", "untrained", "chance"] as const;
const NAMES: Readonly<Record<Comparison["measure"], string>> = {
  knn: "kNN accuracy",
  linear: "linear probe accuracy",
  recallAt1: "retrieval recall@1",
  recallAt5: "retrieval recall@5",
  meanAveragePrecision: "retrieval mAP",
};

/**
 * A line for each measure: the difference on the same pictures, its standard error, and whether it is clear.
 */
export function comparisonTable(comparisons: readonly Comparison[]): string[] {
  const measures = [...new Set(comparisons.map(({ measure }) => measure))];
  if (measures.length === 0) return [];
  const rows = measures.map((measure) => [
    NAMES[measure],
    ...OTHERS.map((other) =>
      differenceText(comparisons.find((one) => one.measure === measure && one.with === other)),
    ),
  ]);
  return [
    textTable([["trained minus", ...OTHERS], ...rows]),
    "± is one standard error. A difference of at most two standard errors is not clear.",
    "",
  ];
}

function differenceText(found: Comparison | undefined): string {
  if (found === undefined) return "";
  const { difference, standardError, verdict } = found;
  const sign = difference < 0 ? "-" : "+";
  const size = `${sign}${(100 * Math.abs(difference)).toFixed(1)} ± ${(100 * standardError).toFixed(1)}`;
  return `${size}, ${verdict === "unclear" ? "not clear" : verdict}`;
}

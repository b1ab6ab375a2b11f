import { expect, test } from "vitest";
import { comparisonTable } from "./comparison-table.ts";

test("calls a difference better or worse only where it is, and leaves out what was not compared", () => {
  const lines = comparisonTable([
    { measure: "knn", with: "pixels", difference: 0.0525, standardError: 0.02, verdict: "better" },
    { measure: "knn", with: "untrained", difference: -0.11, standardError: 0.02, verdict: "worse" },
    { measure: "knn", with: "chance", difference: 0.04, standardError: 0.03, verdict: "unclear" },
    { measure: "recallAt5", with: "pixels", difference: 0, standardError: 0, verdict: "unclear" },
  ]);
  expect(lines.join("\n")).toBe(`trained minus       pixels                 untrained           chance
kNN accuracy        +5.3 ± 2.0, better     -11.0 ± 2.0, worse  +4.0 ± 3.0, not clear
retrieval recall@5  +0.0 ± 0.0, not clear
± is one standard error. A difference of at most two standard errors is not clear.
`);
  expect(comparisonTable([])).toEqual([]);
});

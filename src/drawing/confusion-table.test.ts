import { expect, test } from "vitest";
import { confusionTable } from "./confusion-table.ts";

test("classes that are put together keep their pictures and their right predictions", () => {
  const classes = 70;
  const names = Array.from({ length: classes }, (_, at) => `${at}`);
  const counts = Array.from({ length: classes ** 2 }, (_, at) => (at * 7919) % 5);
  const table = confusionTable(names, counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const right = names.reduce((sum, _, at) => sum + counts[at * classes + at]!, 0);
  expect(table).toMatchObject({ others: 30, total, right });
  expect(table.names).toHaveLength(41);
  expect(table.counts.reduce((sum, count) => sum + count, 0)).toBe(total);
  const rightByRow = table.recalls.map((recall, row) => recall * table.totals[row]!);
  expect(rightByRow.reduce((sum, count) => sum + count, 0)).toBeCloseTo(right, 8);
});

import { expect, it } from "vitest";
import { valuesHash } from "./values-hash.ts";

const values = (...of: [string, number[]][]) =>
  of.map(([path, data]) => [path, Float32Array.from(data)] as const);

it("depends on paths and numbers, and on no order", () => {
  const hash = valuesHash(values(["a", [1, 2]], ["b", [3]]));
  expect(valuesHash(values(["b", [3]], ["a", [1, 2]]))).toBe(hash);
  for (const other of [
    values(["a", [2, 1]], ["b", [3]]),
    values(["a", [1, 2]], ["c", [3]]),
    values(["a", [1, 2]]),
  ])
    expect(valuesHash(other)).not.toBe(hash);
});

import { describe, expect, it } from "vitest";
import { distantPermutations } from "./distant-permutations.ts";

const distance = (a: readonly number[], b: readonly number[]) =>
  a.filter((value, i) => value !== b[i]).length;

describe("distantPermutations", () => {
  it("gives every permutation once, the identity first, if asked for all", () => {
    const all = distantPermutations(4, 24);
    expect(new Set(all.map(String)).size).toBe(24);
    expect(all[0]).toEqual([0, 1, 2, 3]);
    for (const row of all) expect([...row].sort()).toEqual([0, 1, 2, 3]);
  });

  it("takes each time the permutation farthest from all before it", () => {
    const chosen = distantPermutations(5, 12);
    const all = distantPermutations(5, 120);
    const total = (row: readonly number[], before: readonly (readonly number[])[]) =>
      before.reduce((sum, other) => sum + distance(row, other), 0);
    for (let i = 1; i < chosen.length; i++) {
      const before = chosen.slice(0, i);
      const left = all.filter((row) => !before.some((other) => String(other) === String(row)));
      expect(total(chosen[i]!, before)).toBe(Math.max(...left.map((row) => total(row, before))));
    }
  });

  it("gives nine first permutations of nine numbers that differ everywhere, like a Latin square", () => {
    const chosen = distantPermutations(9, 9);
    for (const [i, a] of chosen.entries())
      for (const b of chosen.slice(i + 1)) expect(distance(a, b)).toBe(9);
  });

  it("keeps a hundred at least as far apart, on average, as random ones", () => {
    const chosen = distantPermutations(9, 100);
    const pairs = chosen.flatMap((a, i) => chosen.slice(i + 1).map((b) => distance(a, b)));
    expect(pairs.reduce((a, b) => a + b) / pairs.length).toBeGreaterThan(8);
    expect(Math.min(...pairs)).toBeGreaterThan(1);
  });
});

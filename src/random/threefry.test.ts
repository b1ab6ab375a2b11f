import { describe, expect, test } from "vitest";
import { threefry4x32, type Words4 } from "./threefry.ts";

const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");

describe("threefry4x32", () => {
  // The authors' known answers for 20 rounds (Random123, kat_vectors, "threefry4x32 20").
  test.each<[string, Words4, Words4, string]>([
    ["zeros", [0, 0, 0, 0], [0, 0, 0, 0], "9c6ca96a e17eae66 fc10ecd4 5256a7d8"],
    [
      "ones",
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      "2a881696 57012287 f6c7446e a16a6732",
    ],
    [
      "digits of pi",
      [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      "59cd1dbb b8879579 86b5d00c ac8b6d84",
    ],
  ])("gives the published answer for %s", (_, key, counter, answer) => {
    expect(hex(threefry4x32(key, counter))).toBe(answer);
  });

  test("flips half of the output bits when any one input bit flips", () => {
    const key: Words4 = [1, 2, 3, 4];
    const before = threefry4x32(key, [5, 6, 7, 8]);
    let flipped = 0;
    for (let bit = 0; bit < 128; bit++) {
      const counter: [number, number, number, number] = [5, 6, 7, 8];
      counter[bit >> 5]! ^= 1 << (bit & 31);
      const after = threefry4x32(key, counter);
      flipped += after.reduce((sum, word, lane) => sum + ones(word ^ before[lane]!), 0);
    }
    // 128 × 128 fair coins: mean 8192, deviation 64.
    expect(Math.abs(flipped - 8192)).toBeLessThan(4 * 64);
  });
});

function ones(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

import { describe, expect, test } from "vitest";
import { contentHash, textHash } from "./content-hash.ts";

describe("contentHash", () => {
  // Answers of the reference implementation (mmh3 for Python, x86 128-bit, words in order).
  test.each<[string, Uint8Array, number, string]>([
    ["nothing", new Uint8Array(), 0, "00000000000000000000000000000000"],
    ["nothing under a seed", new Uint8Array(), 1, "88c4adec54d201b954d201b954d201b9"],
    ["one block", Uint8Array.from({ length: 16 }, (_, i) => i), 0, "6c25c825559180eeea53807489a55bef"],
    [
      "a block and most of one",
      Uint8Array.from({ length: 31 }, (_, i) => i),
      42,
      "2a0301fb724814a3906b12fa026beefc",
    ],
    ["large bytes", new Uint8Array(33).fill(255), 0, "efef5bd1964d9e1e1d1a6195cfc9f7bb"],
  ])("gives the reference's answer for %s", (_, bytes, seed, answer) => {
    expect(contentHash(bytes, seed)).toBe(answer);
  });

  test("gives the reference's answer for a text, and for a view off alignment", () => {
    const text = "The quick brown fox jumps over the lazy dog";
    expect(textHash(text)).toBe("2f1583c3ecee2c675d7bf66ce5e91d2c");
    const moved = new Uint8Array(text.length + 1);
    moved.set(new TextEncoder().encode(text), 1);
    expect(contentHash(moved.subarray(1))).toBe(textHash(text));
  });
});

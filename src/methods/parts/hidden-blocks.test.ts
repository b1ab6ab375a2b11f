import { describe, expect, it } from "vitest";
import { randomStream } from "../../random/random-stream.ts";
import { hideBlocks } from "./hidden-blocks.ts";

describe("hideBlocks", () => {
  it("hides whole blocks, and rounds their number up", () => {
    const out = new Float32Array(36); // 3×3 blocks of 2×2 patches
    hideBlocks(out, randomStream(0, "hidden", 0, 0), 2, 0.6);
    expect(out.reduce((sum, value) => sum + value, 0)).toBe(6 * 4);
    for (let row = 0; row < 6; row += 2)
      for (let column = 0; column < 6; column += 2) {
        const corners = [0, 1, 6, 7].map((offset) => out[row * 6 + column + offset]);
        expect(new Set(corners).size).toBe(1);
      }
  });

  it("hides all of a picture at a ratio of 1, and nothing at 0", () => {
    for (const ratio of [0, 1]) {
      const out = new Float32Array(16);
      hideBlocks(out, randomStream(0, "hidden", 0, 0), 1, ratio);
      expect([...out]).toEqual(new Array(16).fill(ratio));
    }
  });
});

import { describe, expect, it } from "vitest";
import { configure } from "../jobs/configure.ts";
import { randomStream } from "../random/random-stream.ts";
import { hideBlocks, simmim } from "./simmim.ts";

const DATA = { path: "x", fingerprint: "f", pictures: 1000 };

describe("hideBlocks", () => {
  it("hides whole blocks, the share of them rounded up", () => {
    const out = new Float32Array(36); // 3×3 blocks of 2×2 patches
    hideBlocks(out, randomStream(0, "hidden", 0, 0), 2, 0.6);
    expect(out.reduce((sum, value) => sum + value, 0)).toBe(6 * 4);
    for (let row = 0; row < 6; row += 2)
      for (let column = 0; column < 6; column += 2) {
        const corners = [0, 1, 6, 7].map((offset) => out[row * 6 + column + offset]);
        expect(new Set(corners).size).toBe(1);
      }
  });

  it("hides all of a picture, or nothing, when asked to", () => {
    for (const ratio of [0, 1]) {
      const out = new Float32Array(16);
      hideBlocks(out, randomStream(0, "hidden", 0, 0), 1, ratio);
      expect([...out]).toEqual(new Array(16).fill(ratio));
    }
  });
});

describe("the blocks of SimMIM", () => {
  it.each([
    [224, 16, 32],
    [96, 8, 16],
    [64, 8, 16],
    [32, 4, 8],
    [28, 4, 4],
    [16, 4, 4],
    [16, 8, 8],
  ])("suit pictures of %i pixels in patches of %i: %i pixels", (imageSize, multipleOf, unit) => {
    const rest = {
      pictures: 1000,
      batchSize: 64,
      epochs: 10,
      family: "vit",
      batchNorm: false,
      features: 192,
    } as const;
    expect(simmim.defaults({ imageSize, multipleOf, ...rest }).maskUnit).toBe(unit);
  });

  it("have to tile the picture in whole patches", () => {
    const choices = { method: "simmim", imageSize: 32, settings: { maskUnit: 12 } };
    expect(() => configure(choices, DATA)).toThrow(
      /--set maskUnit\); expected a multiple of the patch, 4 pixels/,
    );
    expect(() => configure({ ...choices, settings: { maskUnit: 16 } }, DATA)).not.toThrow();
  });
});

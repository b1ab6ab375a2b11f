import { describe, expect, it } from "vitest";
import { randomStream } from "../../random/random-stream.ts";
import { blockMask } from "./block-mask.ts";

const DRAWS = 2000;

/** Means over many masks of a square grid. */
function statistics(side: number, wanted: number, least: number) {
  const masks = Array.from({ length: DRAWS }, (_, i) =>
    blockMask({ grid: [side, side], wanted, least }, randomStream(0, "mask", 0, i)),
  );
  const share = (place: number) => masks.filter((mask) => mask.includes(place)).length / DRAWS;
  const besides = masks.map((mask) => {
    const inside = mask.filter((place) => place % side !== side - 1);
    return [inside.filter((place) => mask.includes(place + 1)).length, inside.length] as const;
  });
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    hidden: total(masks.map(({ length }) => length)) / DRAWS,
    beside: total(besides.map(([both]) => both)) / total(besides.map(([, one]) => one)),
    corner: share(0),
    middle: share(Math.floor(side / 2) * (side + 1)),
  };
}

describe("blockMask", () => {
  // The authors' samplers, 20,000 masks each: the number of hidden patches, the share of their right
  // neighbours that are hidden too, and how often the first and the middle patch are hidden.
  it.each([
    ["iBOT, 14 by 14, .3", 14, 58, 16, { hidden: 57.26, beside: 0.843, corner: 0.031, middle: 0.573 }],
    ["iBOT, 8 by 8, .3", 8, 19, 4, { hidden: 18.93, beside: 0.71, corner: 0.086, middle: 0.498 }],
    ["iBOT, 4 by 4, .5", 4, 8, 1, { hidden: 8, beside: 0.645, corner: 0.342, middle: 0.681 }],
    ["DINOv2, 14 by 14, .3", 14, 58, 4, { hidden: 57.93, beside: 0.802, corner: 0.042, middle: 0.53 }],
    ["DINOv2, 16 by 16, .1", 16, 25, 4, { hidden: 24.89, beside: 0.685, corner: 0.016, middle: 0.145 }],
  ])("hides patches as the authors' sampler does: %s", (_title, side, wanted, least, expected) => {
    const found = statistics(side, wanted, least);
    expect(found.hidden / expected.hidden).toBeCloseTo(1, 2);
    for (const name of ["beside", "corner", "middle"] as const)
      expect(Math.abs(found[name] - expected[name]), name).toBeLessThan(0.03);
  });

  it("gives ascending places, none twice, and at most the wanted number", () => {
    for (let index = 0; index < 200; index++) {
      const wanted = index % 20;
      const mask = blockMask({ grid: [4, 5], wanted, least: 1 }, randomStream(1, "mask", 0, index));
      expect(mask.length).toBeLessThanOrEqual(wanted);
      expect([...mask]).toEqual([...new Set(mask)].sort((a, b) => a - b));
      for (const place of mask) expect(place).toSatisfy((at: number) => at >= 0 && at < 20);
    }
  });

  it("hides nothing if every block is as large as the grid in one direction", () => {
    const random = randomStream(0, "mask", 0, 0);
    expect(blockMask({ grid: [1, 6], wanted: 3, least: 1 }, random)).toHaveLength(0);
  });
});

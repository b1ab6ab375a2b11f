import { describe, expect, it } from "vitest";
import { randomStream } from "../../random/random-stream.ts";
import { blockDrawSize, type MultiBlockOptions, planBlocks, writeBlocks } from "./multi-block.ts";

const OPTIONS: MultiBlockOptions = {
  side: 8,
  targets: 4,
  targetScale: [0.15, 0.2],
  targetAspect: [0.75, 1.5],
  contextScale: [0.85, 1],
  contextShare: 0.3,
};

/** Context and blocks of a picture. */
function draw(plan: ReturnType<typeof planBlocks>, picture: number) {
  const out = new Int32Array(blockDrawSize(plan));
  writeBlocks(out, randomStream(7, "blocks", 0, picture), plan);
  const { contextPatches: c, targetPatches: m, targets } = plan;
  const blocks = Array.from({ length: targets }, (_, k) => [...out.subarray(c + k * m, c + (k + 1) * m)]);
  return { context: [...out.subarray(0, c)], blocks };
}

describe("planBlocks", () => {
  it.each([
    // 15 to 20 % of the picture are 9.6 to 12.8 patches, 29.4 to 39.2, or 2.4 to 3.2. In the last range no
    // block fits the ratios.
    [
      8,
      12,
      [
        [3, 4],
        [4, 3],
      ],
      19,
    ],
    [
      14,
      30,
      [
        [5, 6],
        [6, 5],
      ],
      58,
    ],
    [4, 4, [[2, 2]], 4],
  ])("chooses one area for blocks of a picture of %i patches a side", (side, area, shapes, context) => {
    const plan = planBlocks({ ...OPTIONS, side });
    expect(plan).toMatchObject({ targetPatches: area, shapes, contextPatches: context });
  });

  it("refuses blocks that fit no picture", () => {
    expect(() => planBlocks({ ...OPTIONS, contextShare: 0.9 })).toThrow(
      /`settings\.contextShare`\); expected at most 52 of 64 patches; got 57/,
    );
    expect(() => planBlocks({ ...OPTIONS, targetAspect: [9, 9] })).toThrow(/`settings\.targetAspect`/);
    expect(() => planBlocks({ ...OPTIONS, side: 2, contextShare: 1 })).toThrow(/choose smaller patches/);
  });
});

describe("writeBlocks", () => {
  const plan = planBlocks(OPTIONS);
  const drawn = Array.from({ length: 200 }, (_, picture) => draw(plan, picture));

  it("draws whole blocks of the planned shapes, anywhere in the picture", () => {
    const corners = new Set<number>();
    for (const block of drawn.flatMap(({ blocks }) => blocks)) {
      const [rows, columns] = [block.map((place) => Math.floor(place / 8)), block.map((place) => place % 8)];
      const height = Math.max(...rows) - Math.min(...rows) + 1;
      const width = Math.max(...columns) - Math.min(...columns) + 1;
      expect(plan.shapes).toContainEqual([height, width]);
      expect(new Set(block).size).toBe(height * width);
      for (const place of block) corners.add(place);
    }
    expect(corners.size).toBe(64);
  });

  it("takes contexts from patches outside the blocks, each patch once", () => {
    for (const { context, blocks } of drawn) {
      expect(new Set(context).size).toBe(plan.contextPatches);
      const hidden = new Set(blocks.flat());
      expect(context.filter((place) => hidden.has(place))).toEqual([]);
    }
    expect(new Set(drawn.flatMap(({ context }) => context)).size).toBe(64);
  });

  it("is a function of the picture and its stream", () => {
    expect(draw(plan, 5)).toEqual(drawn[5]);
    expect(draw(plan, 6)).not.toEqual(drawn[5]);
  });

  it("fills a context up if blocks never leave enough", () => {
    const greedy = planBlocks({ ...OPTIONS, targets: 40, contextShare: 0.5 });
    const { context } = draw(greedy, 0);
    expect(new Set(context).size).toBe(32);
  });
});

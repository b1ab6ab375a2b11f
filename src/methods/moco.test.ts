/** Parts of a batch for shuffled batch norm: their number by default, and the remark if there are none. */
import { describe, expect, it } from "vitest";
import type { Situation } from "../objectives/situation.ts";
import { mocoV1, mocoV2 } from "./moco.ts";
import type { MocoSettings } from "./recipes/moco.ts";

const situation = (batchSize: number, own: Partial<Situation> = {}): Situation => ({
  ...{ pictures: 10_000, imageSize: 64, batchSize, epochs: 100 },
  ...{ family: "resnet", multipleOf: 1, batchNorm: true, features: 512, ...own },
});
const withParts = (subBatches: number) => ({ subBatches }) as MocoSettings;

describe.each([mocoV1, mocoV2])("$name", (method) => {
  const partsFor = (batchSize: number, own?: Partial<Situation>) =>
    method.defaults(situation(batchSize, own)).subBatches;

  it("has by default one part for each 32 pictures of a micro-batch, four at most", () => {
    expect([16, 32, 64, 96, 128, 1024].map((size) => partsFor(size))).toEqual([1, 1, 2, 3, 4, 4]);
    expect([8, 32, 64, 128].map((microBatch) => partsFor(128, { microBatch }))).toEqual([1, 1, 2, 4]);
    expect(partsFor(128, { batchNorm: false })).toBe(1);
  });

  it("knows how many pictures batch norm sees together", () => {
    const seen = (pictures: number, parts: number) => method.batchNormSees!(withParts(parts), pictures);
    expect([seen(128, 4), seen(8, 4), seen(127, 4), seen(64, 1)]).toEqual([32, 2, 127, 64]);
  });

  it.each([
    [
      "a small batch",
      32,
      undefined,
      1,
      /sees all 32 pictures together.*64 pictures or more.*or set subBatches/,
    ],
    ["small parts of a batch", 128, 8, 1, /sees all 8 pictures together/],
    ["a prime batch", 127, undefined, 3, /127 pictures at a time do not divide into 3 parts, so .* all 127/],
    ["an odd batch", 126, undefined, 4, /126 pictures at a time do not divide into 4 parts: .* 3 parts/],
  ])("remarks on shuffling with %s", (_name, batchSize, microBatch, parts, message) => {
    const own = microBatch === undefined ? {} : { microBatch };
    expect(method.remarks!(withParts(parts), situation(batchSize, own))).toEqual([
      expect.stringMatching(message),
    ]);
  });

  it("makes no remark if batch norm sees keys apart from their queries, or if there is none", () => {
    expect(method.remarks!(withParts(4), situation(128))).toEqual([]);
    expect(method.remarks!(withParts(1), situation(32, { batchNorm: false }))).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { narrowTransformer } from "./narrow-transformer.ts";

describe("narrowTransformer", () => {
  it("is a share of the encoder in whole heads of 32", () => {
    const sized = (of: number, share: number) => narrowTransformer({ of, share, width: null, heads: null });
    expect(sized(768, 2 / 3)).toEqual({ width: 512, heads: 16 }); // MAE's decoder beside ViT-B
    expect(sized(192, 2 / 3)).toEqual({ width: 128, heads: 4 });
    expect(sized(768, 1 / 2)).toEqual({ width: 384, heads: 12 }); // I-JEPA's predictor beside ViT-B
    expect(sized(24, 1 / 2)).toEqual({ width: 32, heads: 1 });
  });

  it("has heads that divide a width that was asked for", () => {
    const heads = (width: number) => narrowTransformer({ of: 192, share: 1, width, heads: null }).heads;
    expect([16, 64, 100, 116].map(heads)).toEqual([1, 2, 2, 2]);
    expect(narrowTransformer({ of: 192, share: 1, width: 64, heads: 8 })).toEqual({ width: 64, heads: 8 });
  });
});

import { describe, expect, it } from "vitest";
import { tinyConfig } from "../../test/support/tiny-run.ts";
import { simmim } from "./simmim.ts";

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

  it("must tile the picture in whole patches", () => {
    const choices = { method: "simmim", imageSize: 32, canvas: 48, settings: { maskUnit: 12 } };
    expect(() => tinyConfig(choices)).toThrow(
      /`settings\.maskUnit`\); expected a multiple of the patch, 4 pixels/,
    );
    expect(() => tinyConfig({ ...choices, settings: { maskUnit: 16 } })).not.toThrow();
  });
});

import { describe, expect, test } from "vitest";
import { simclrViews } from "../../augment/view-sets.ts";
import { viewSize, viewSizeRemark } from "./view-size.ts";

describe("the side of training views", () => {
  test.each([
    [16, 2 / 3, 12],
    [24, 2 / 3, 16],
    [32, 2 / 3, 24],
    [48, 2 / 3, 32],
    [64, 2 / 3, 40],
    [224, 2 / 3, 152],
  ])("for pictures of %i pixels and a share of %f is %i, for even maps", (imageSize, share, side) => {
    expect(viewSize({ imageSize, multipleOf: 1 }, share)).toBe(side);
  });

  test.each([
    [24, 4, 16],
    [28, 4, 20],
    [224, 16, 144],
  ])("for pictures of %i pixels in patches of %i is %i, in whole patches", (imageSize, multipleOf, side) => {
    expect(viewSize({ imageSize, multipleOf }, 2 / 3)).toBe(side);
  });

  test("is never larger than the picture, even if the picture is no multiple, and never 0", () => {
    for (const imageSize of [5, 30, 33]) expect(viewSize({ imageSize, multipleOf: 1 }, 1)).toBe(imageSize);
    expect(viewSize({ imageSize: 24, multipleOf: 1 }, 0.01)).toBe(8);
    expect(viewSize({ imageSize: 8, multipleOf: 8 }, 0.5)).toBe(8);
  });
});

test("views smaller than the pictures give a remark", () => {
  const groups = [{ name: "pair", views: simclrViews({ size: 16 }) }];
  expect(viewSizeRemark(groups, { imageSize: 24 })).toMatch(/^training views have 16 pixels, .* at 24 /);
  expect(viewSizeRemark(groups, { imageSize: 16 })).toBeNull();
});

import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { simclrViews } from "./view-sets.ts";
import { checkViewSpec, type ViewSpec } from "./view-spec.ts";

const good = simclrViews({ size: 96 })[0]!;

function refusal(change: Partial<ViewSpec>): AfterimageError {
  try {
    checkViewSpec({ ...good, ...change });
  } catch (error) {
    if (error instanceof AfterimageError) return error;
  }
  throw new Error("the view was not refused");
}

describe("a view", () => {
  test("survives being written down and read", () => {
    expect(checkViewSpec(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });

  test.each<[string, string, Partial<ViewSpec>]>([
    ["no size", "size", { size: 0 }],
    ["more than the whole picture", "crop.scale.1", { crop: { ...good.crop, scale: [0.2, 1.5] } }],
    ["a range the wrong way round", "crop.ratio", { crop: { ...good.crop, ratio: [2, 1] } }],
    ["a probability above one", "flip", { flip: 1.5 }],
    ["more than half a turn of hue", "jitter.hue", { jitter: { ...good.jitter!, hue: 0.6 } }],
    ["an even kernel", "blur.kernel", { blur: { ...good.blur!, kernel: 4 } }],
    ["a deviation of zero", "normalize.std.2", { normalize: { mean: [0, 0, 0], std: [1, 1, 0] } }],
  ])("is refused for %s, and the entry is named", (_, entry, change) => {
    const { code, evidence } = refusal(change);
    expect(code).toBe("usage/value");
    expect(evidence.where).toBe(`view first.${entry}`);
  });

  test("is refused when its blur reaches beyond the mirrored border", () => {
    const blur = { ...good.blur!, kernel: 13 };
    expect(refusal({ size: 6, blur }).message).toMatch(/half the blur kernel must be smaller/);
    expect(checkViewSpec({ ...good, size: 7, blur }).size).toBe(7);
  });
});

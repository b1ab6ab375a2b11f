import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { checkViewSpec } from "./check-view-spec.ts";
import { simclrViews } from "./view-sets.ts";
import type { ViewSpec } from "./view-spec.ts";
import { viewSpecSchema } from "./view-spec-schema.ts";

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

  test("says what it may be and what it is", () => {
    expect(refusal({ flip: 1.5 }).message).toMatch(
      "the settings of a view are not valid (view first.flip); expected a number from 0 to 1; got 1.5",
    );
    expect(refusal({ size: Number.NaN }).message).toMatch("expected a whole number, 1 or more; got NaN");
  });

  test.each<[string, string, object]>([
    ["an entry too many", "blurr", { blurr: null }],
    ["an entry that is missing", "jitter", { jitter: undefined }],
    ["text where a number belongs", "greyscale", { greyscale: "0.2" }],
    ["a list of another length", "normalize.mean", { normalize: { mean: [0, 0], std: [1, 1, 1] } }],
    [
      "another way to interpolate",
      "crop.interpolation",
      { crop: { ...good.crop, interpolation: "nearest" } },
    ],
  ])("read from a configuration is refused for %s, by the schema too", (_, entry, change) => {
    expect(refusal(change).evidence.where).toBe(`view first.${entry}`);
    const { issues } = viewSpecSchema.safeParse({ ...good, ...change }).error!;
    expect(issues[0]!.path.join(".")).toBe(entry);
    expect(viewSpecSchema.parse(good)).toEqual(good);
  });

  test("is refused when its blur reaches beyond the mirrored border", () => {
    const blur = { ...good.blur!, kernel: 13 };
    expect(refusal({ size: 6, blur }).message).toMatch(/half the blur kernel must be smaller/);
    expect(checkViewSpec({ ...good, size: 7, blur }).size).toBe(7);
  });
});

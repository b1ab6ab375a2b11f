import { describe, expect, it } from "vitest";
import { readFixture } from "../../test/support/fixtures.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input, type Tensor } from "../tensor/index.ts";
import { COLOUR_SPACES, channelsOf, rgbToLab, rgbToYcbcr, toColourSpace } from "./colour-spaces.ts";
import { NORMALIZATION } from "./view-spec.ts";

/** The result for pixels `[N, 3]`, each a separate picture. */
async function pixels(rgb: Float32Array, build: (x: Tensor) => Tensor): Promise<Float32Array> {
  const program = compile({ out: build(input("rgb", [rgb.length / 3, 3, 1, 1])) });
  return (await runOnce(program, { rgb })).out as Float32Array;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

describe("colours in another space", () => {
  const fixture = readFixture("colour-spaces");
  const rgb = fixture.floats("rgb");

  it.each([
    ["lab", rgbToLab],
    ["ycbcr", rgbToYcbcr],
  ] as const)("are those of scikit-image: %s", async (name, convert) => {
    expect(largestDifference(await pixels(rgb, convert), fixture.floats(name))).toBeLessThan(2e-4);
  });

  it("are normalised by CMC's values, from pictures normalised by ImageNet's", async () => {
    const { mean, std } = NORMALIZATION;
    const pictures = rgb.map((value, i) => (value - mean[i % 3]!) / std[i % 3]!);
    const got = await pixels(pictures, (x) => toColourSpace(x, COLOUR_SPACES.lab, NORMALIZATION));
    const { mean: middle, std: half } = COLOUR_SPACES.lab;
    const expected = fixture.floats("lab").map((value, i) => (value - middle[i % 3]!) / half[i % 3]!);
    expect(largestDifference(got, expected)).toBeLessThan(1e-5);
  });

  it("have a grey without a and b, and white at L = 100", async () => {
    const grey = await pixels(Float32Array.of(0.5, 0.5, 0.5, 1, 1, 1, 0, 0, 0), rgbToLab);
    expect(largestDifference(grey, [53.389, 0, 0, 100, 0, 0, 0, 0, 0])).toBeLessThan(5e-3);
  });

  it("cut off what lies outside of the cube, as a resizing may leave it", async () => {
    const { mean, std } = NORMALIZATION;
    const [inside, outside] = [1, 1.2].map((value) => mean.map((m, c) => (value - m) / std[c]!));
    const lab = (values: readonly number[]) =>
      pixels(Float32Array.from(values), (x) => toColourSpace(x, COLOUR_SPACES.lab, NORMALIZATION));
    expect(largestDifference(await lab(outside!), await lab(inside!))).toBeLessThan(1e-5);
  });

  it("are taken channel by channel, in the order asked for", async () => {
    const got = await pixels(Float32Array.of(1, 2, 3, 4, 5, 6), (x) => channelsOf(x, [2, 0]));
    expect([...got]).toEqual([3, 1, 6, 4]);
  });
});

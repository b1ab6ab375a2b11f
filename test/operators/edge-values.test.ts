/** Known answers where formulas and finite differences are of no use: ties, kinks, infinities, rounding. */
import { describe, expect, it } from "vitest";
import { runOnce } from "../../src/runtime/session.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import * as t from "../../src/tensor/index.ts";

/** Values of `build` at x, and the gradient of their sum. */
async function at(x: readonly number[], build: (x: Tensor) => Tensor) {
  const place = t.input("x", [x.length]);
  const y = build(place);
  const [gradient] = t.gradients(t.sum(y), [place]);
  const results = await runOnce(
    t.compile({ y, gradient: gradient! }),
    { x: Float32Array.from(x) },
    { threads: 1 },
  );
  return { y: Array.from(results.y!, Number), gradient: Array.from(results.gradient!, Number) };
}

describe("ties", () => {
  it("share the gradient between the operands of maximum and minimum", async () => {
    for (const pick of [t.maximum, t.minimum]) {
      expect(
        (await at([1, 1], (x) => pick(t.sliceAxis(x, 0, 0, 1), t.sliceAxis(x, 0, 1, 2)))).gradient,
      ).toEqual([0.5, 0.5]);
    }
  });

  it("share the gradient between equal extrema of an axis", async () => {
    expect((await at([2, 1, 2, 0], (x) => t.max(x))).gradient).toEqual([0.5, 0, 0.5, 0]);
    expect((await at([2, 0, 2, 0], (x) => t.min(x))).gradient).toEqual([0, 0.5, 0, 0.5]);
  });

  it("go to the first of equal elements of a pooling window", async () => {
    const pooled = (x: Tensor) => t.maxPool(t.reshape(x, [1, 1, 1, 4]), { kernel: [1, 4] });
    expect((await at([1, 3, 3, 3], pooled)).gradient).toEqual([0, 1, 0, 0]);
  });

  it("are ordered by their place in topK, and argmax takes the first", async () => {
    const x = t.input("x", [6]);
    const { indices } = t.topK(x, 4);
    const results = await runOnce(t.compile({ indices, first: t.argmax(x) }), {
      x: Float32Array.of(1, 7, 3, 7, 3, 3),
    });
    expect(Array.from(results.indices!, Number)).toEqual([1, 3, 2, 4]);
    expect(Array.from(results.first!, Number)).toEqual([1]);
  });
});

describe("kinks", () => {
  it("a step is exact next to 0 and at the ends of the range", async () => {
    const x = [0, -0, 1.2e-38, -1.2e-38, 1e-30, 3.4e38, -3.4e38, Infinity, -Infinity];
    expect((await at(x, t.step)).y).toEqual([0, 0, 1, 0, 1, 1, 0, 1, 0]);
  });

  it.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ["relu passes nothing at 0", t.relu, [-1, 0, 1], [0, 0, 1]],
    ["abs passes nothing at 0", t.abs, [-1, 0, 1], [-1, 0, 1]],
    ["clip passes all at its bounds", (x) => t.clip(x, -1, 1), [-1.1, -1, 1, 1.1], [0, 1, 1, 0]],
    ["x⁰ is flat at 0", (x) => t.pow(x, 0), [0, 2], [0, 0]],
    ["x¹ has slope 1 at 0", (x) => t.pow(x, 1), [0, 2], [1, 1]],
    ["x² has slope 0 at 0", (x) => t.pow(x, 2), [0, -3], [0, -6]],
  ])("%s", async (_, build, x, slopes) => {
    expect((await at(x, build)).gradient).toEqual(slopes);
  });

  it("the second derivative of x² is 2, at 0 too, and the third is 0", async () => {
    const gradient = (build: (x: Tensor) => Tensor) => (x: Tensor) => t.gradients(t.sum(build(x)), [x])[0]!;
    const slope = gradient((x) => t.pow(x, 2));
    expect((await at([0, 1], slope)).gradient).toEqual([2, 2]);
    expect((await at([0, 1], gradient(slope))).gradient).toEqual([0, 0]);
  });
});

describe("large numbers", () => {
  it("do not overflow in softplus", async () => {
    const { y, gradient } = await at([-200, 0, 200], t.softplus);
    expect(y[0]).toBe(0);
    expect(y[1]).toBeCloseTo(Math.LN2, 6);
    expect(y[2]).toBe(200);
    expect(gradient.map((g) => Math.round(g * 1e6) / 1e6)).toEqual([0, 0.5, 1]);
  });

  it("do not overflow in softmax, logSoftmax and logSumExp, and are exact if one outweighs all", async () => {
    expect((await at([1000, 0, -1000], (x) => t.softmax(x))).y).toEqual([1, 0, 0]);
    expect((await at([1000, 0, -1000], (x) => t.logSoftmax(x))).y).toEqual([0, -1000, -2000]);
    const { y, gradient } = await at([1000, 1000, -1000], (x) => t.logSumExp(x));
    expect(y[0]).toBeCloseTo(1000 + Math.LN2, 3);
    expect(gradient).toEqual([0.5, 0.5, 0]);
  });

  it("may be infinite in logSumExp", async () => {
    expect((await at([-Infinity, -Infinity], (x) => t.logSumExp(x))).y).toEqual([-Infinity]);
    expect((await at([-Infinity, 3], (x) => t.logSumExp(x))).y).toEqual([3]);
    expect((await at([Infinity, 3], (x) => t.logSumExp(x))).y).toEqual([Infinity]);
  });

  it("saturate tanh, sigmoid and gelu, with slopes of 0 or 1", async () => {
    expect(await at([-50, 50], t.tanh)).toEqual({ y: [-1, 1], gradient: [0, 0] });
    const { y, gradient } = await at([-50, 50], t.sigmoid);
    expect(y[0]).toBeLessThan(1e-7);
    expect(y[1]).toBe(1);
    for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1e-7);
    const smooth = await at([-50, 50], t.gelu);
    expect(smooth.y.map(Math.abs)).toEqual([0, 50]);
    expect(smooth.gradient.map(Math.abs)).toEqual([0, 1]);
  });
});

describe("norms", () => {
  /** Sums in double precision, of the float32 elements. */
  function normalised(x: ArrayLike<number>): number[] {
    const values = Array.from(x);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((s, value) => s + (value - mean) ** 2, 0) / values.length;
    return values.map((value) => (value - mean) / Math.sqrt(variance));
  }

  it("keep their precision if the mean is 100 times the deviation", async () => {
    const d = 64;
    const x = Float32Array.from({ length: d }, (_, i) => 100 + Math.sin(i * 1.7));
    const [one, zero] = [t.full([d], 1), t.full([d], 0)];
    const place = t.input("x", [d]);
    const byRow = t.layerNorm(place, one, zero, 1e-12);
    const byChannel = t.batchNorm(t.reshape(place, [d, 1]), t.full([1], 1), t.full([1], 0), 1e-12).y;
    const results = await runOnce(t.compile({ byRow, byChannel }), { x });
    for (const y of [results.byRow!, results.byChannel!]) {
      const off = normalised(x).map((value, i) => Math.abs(value - Number(y[i])));
      expect(Math.max(...off)).toBeLessThan(5e-5);
    }
  });

  it("of equal elements are the bias, and no gradient is infinite", async () => {
    const { y, gradient } = await at([3, 3, 3], (x) =>
      t.layerNorm(x, t.full([3], 2), t.full([3], 0.5), 1e-6),
    );
    expect(y).toEqual([0.5, 0.5, 0.5]);
    expect(gradient).toEqual([0, 0, 0]);
  });
});

it.each([
  ["few places", 65],
  ["many places", 1500],
])("rows scattered to %s add up exactly, on several threads", async (_, count) => {
  const [rows, width] = [4096, 384];
  const [source, places] = [t.input("rows", [rows, width]), t.input("places", [rows], "int64")];
  const feeds = {
    rows: new Float32Array(rows * width).fill(1),
    places: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % count)),
  };
  const { y } = await runOnce(t.compile({ y: t.scatterAddRows(source, places, count) }), feeds, {
    threads: 2,
  });
  const rowsOf = (place: number) => Math.floor((rows - 1 - place) / count) + 1;
  const wrong = (y as Float32Array).findIndex((value, i) => value !== rowsOf(Math.floor(i / width)));
  expect(wrong).toBe(-1);
});

it("a quotient of zeros is NaN, and where keeps such a value out of the gradient", async () => {
  const safe = (x: Tensor) => t.where(t.greater(x, 0), t.log(t.where(t.greater(x, 0), x, 1)), 0);
  expect(await at([0, 1], safe)).toEqual({ y: [0, 0], gradient: [0, 1] });
  expect((await at([0], (x) => t.div(x, x))).y).toEqual([Number.NaN]);
});

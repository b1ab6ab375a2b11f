import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { type RandomStream, randomStream } from "./random-stream.ts";

const draws = (n: number, draw: () => number) => Float64Array.from({ length: n }, draw);
const uniforms = (n: number, stream: RandomStream) => draws(n, () => stream.uniform());
const mean = (values: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};
const moment = (values: Float64Array, power: number) => mean(values.map((value) => value ** power));

/** Largest distance between the empirical distribution and a known one (Kolmogorov–Smirnov), times √n. */
function distance(values: Float64Array | Float32Array, cumulative: (x: number) => number): number {
  const sorted = values.slice().sort();
  let largest = 0;
  sorted.forEach((value, rank) => {
    const share = cumulative(value);
    largest = Math.max(
      largest,
      Math.abs(share - rank / sorted.length),
      Math.abs(share - (rank + 1) / sorted.length),
    );
  });
  return largest * Math.sqrt(sorted.length);
}
/** √n times the distance stays below this in all but 1 of 10,000 samples. */
const KS_LIMIT = 2.23;

/** Φ by Simpson's rule: slow, and nothing like the code under test. */
function normalCumulative(x: number): number {
  const steps = 400;
  const width = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-0.5 * (i * width) ** 2);
  }
  return 0.5 + (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

describe("randomStream is a pure function of its key", () => {
  const key = [7, "views", 3, 12] as const;

  test("the same key gives the same numbers whatever was drawn in between", () => {
    const first = uniforms(100, randomStream(...key));
    randomStream(8, "other", 0, 0).fillNormal(new Float32Array(1000));
    expect(uniforms(100, randomStream(...key))).toEqual(first);
  });

  test.each([
    ["seed", [8, "views", 3, 12]],
    ["negative seed", [-7, "views", 3, 12]],
    ["seed above 32 bits", [7 + 2 ** 32, "views", 3, 12]],
    ["stream", [7, "viewt", 3, 12]],
    ["a stream that is longer by a zero unit", [7, "views\0", 3, 12]],
    ["epoch", [7, "views", 4, 12]],
    ["epoch and index changing places", [7, "views", 12, 3]],
    ["index", [7, "views", 3, 13]],
    ["index above 32 bits", [7, "views", 3, 12 + 2 ** 32]],
  ] as [string, [number, string, number, number]][])("another %s gives other numbers", (_, other) => {
    const same = uniforms(64, randomStream(...key));
    const changed = uniforms(64, randomStream(...other));
    expect(same.filter((value, i) => value === changed[i])).toHaveLength(0);
  });

  test("a name longer than one block is read to its end", () => {
    const name = "init/encoder.layer4.1.conv2.weight";
    expect(randomStream(0, `${name}a`, 0, 0).uniform()).not.toBe(randomStream(0, `${name}b`, 0, 0).uniform());
  });

  test.each([
    ["seed", [0.5, "x", 0, 0]],
    ["seed", [Number.NaN, "x", 0, 0]],
    ["epoch", [0, "x", -1, 0]],
    ["index", [0, "x", 0, 2 ** 53]],
  ] as [string, [number, string, number, number]][])(
    "a %s that is not a usable integer is refused",
    (name, bad) => {
      expect(() => randomStream(...bad)).toThrow(AfterimageError);
      expect(() => randomStream(...bad)).toThrow(name);
    },
  );
});

describe("golden values, so that no later version changes the runs of an earlier one", () => {
  test("uniform, integer, normal and truncated normal of one key", () => {
    const stream = randomStream(42, "golden", 1, 2);
    expect([stream.uniform(), stream.uniform(-1, 1)]).toEqual([0.18288502180040345, 0.5666266181445323]);
    expect(Array.from({ length: 6 }, () => stream.integer(0, 1000))).toEqual([404, 118, 307, 998, 936, 674]);
    expect(Array.from({ length: 3 }, () => stream.normal())).toEqual([
      2.1010531004039352, 0.5001361986961582, -2.7258577935237174,
    ]);
    expect(stream.truncatedNormal(0.02, -0.01, 0.01)).toBe(-0.0004034727462567389);
    expect(Array.from(stream.permutation(8))).toEqual([5, 0, 2, 3, 7, 4, 6, 1]);
  });
});

describe("neighbouring keys are independent", () => {
  test.each([
    ["index", (i: number) => randomStream(1, "views", 0, i)],
    ["epoch", (i: number) => randomStream(1, "views", i, 0)],
    ["seed", (i: number) => randomStream(i, "views", 0, 0)],
    ["stream", (i: number) => randomStream(1, `views${i}`, 0, 0)],
  ])("first draws over running %s are uniform, normal and uncorrelated with the one before", (_, at) => {
    const n = 20_000;
    const firsts = Float64Array.from({ length: n }, (__, i) => at(i).uniform());
    expect(distance(firsts, (x) => x)).toBeLessThan(KS_LIMIT);
    const lagged = mean(firsts.slice(1).map((value, i) => (value - 0.5) * (firsts[i]! - 0.5))) * 12;
    expect(Math.abs(lagged)).toBeLessThan(4 / Math.sqrt(n));
    const normals = Float64Array.from({ length: n }, (__, i) => at(i).normal());
    expect(distance(normals, normalCumulative)).toBeLessThan(KS_LIMIT);
  });

  test("two streams of one picture are uncorrelated along their length", () => {
    const n = 50_000;
    const a = randomStream(1, "crop", 0, 5).fillUniform(new Float32Array(n), -1, 1);
    const b = randomStream(1, "colour", 0, 5).fillUniform(new Float32Array(n), -1, 1);
    expect(Math.abs(mean(a.map((value, i) => value * b[i]! * 3)))).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe("distributions", () => {
  const stream = () => randomStream(2024, "statistics", 0, 0);

  test("uniform fills [low, high) evenly", () => {
    const source = stream();
    const values = draws(50_000, () => source.uniform(-3, 5));
    expect(distance(values, (x) => (x + 3) / 8)).toBeLessThan(KS_LIMIT);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-3);
    expect(Math.max(...values)).toBeLessThan(5);
  });

  test("fillUniform fills the range evenly and in pairs", () => {
    const values = stream().fillUniform(new Float32Array(50_000), 2, 4);
    expect(distance(values, (x) => (x - 2) / 2)).toBeLessThan(KS_LIMIT);
    const serial = mean(values.slice(1).map((value, i) => (value - 3) * (values[i]! - 3) * 3));
    expect(Math.abs(serial)).toBeLessThan(4 / Math.sqrt(values.length));
  });

  test("normal has the distribution, the moments and the tails of N(0, 1)", () => {
    const source = stream();
    const n = 400_000;
    const values = draws(n, () => source.normal());
    expect(distance(values.slice(0, 50_000), normalCumulative)).toBeLessThan(KS_LIMIT);
    expect(Math.abs(moment(values, 1))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(values, 3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    // Beyond the ziggurat's base layer (3.4426): 2 (1 - Φ) n = 230 expected, and on both sides.
    const beyond = values.filter((value) => Math.abs(value) > 3.442619855899);
    const expected = 2 * (1 - normalCumulative(3.442619855899)) * n;
    expect(Math.abs(beyond.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
    expect(Math.abs(beyond.filter((value) => value > 0).length * 2 - beyond.length)).toBeLessThan(
      4 * Math.sqrt(expected),
    );
  });

  test("fillNormal gives the numbers of normal, scaled and moved", () => {
    const source = stream();
    const expected = Float32Array.from({ length: 1000 }, () => 3 + 0.5 * source.normal());
    expect(stream().fillNormal(new Float32Array(1000), 3, 0.5)).toEqual(expected);
  });

  test.each([
    ["around the middle", -2, 2],
    ["narrow, in the middle", -0.1, 0.2],
    ["narrow, off the middle", 0.4, 0.9],
    ["one-sided", -0.5, Number.POSITIVE_INFINITY],
    ["in the right tail", 3, 5],
    ["far in the left tail", Number.NEGATIVE_INFINITY, -6],
  ])("truncated normal %s follows the cut distribution", (_, low, high) => {
    const std = 0.02;
    const source = stream();
    const values = draws(20_000, () => source.truncatedNormal(std, low * std, high * std));
    // Mass by Simpson's rule from the end nearest the middle, where nothing cancels.
    const upTo = windowCumulative(low, high);
    expect(distance(values, (x) => upTo(x / std))).toBeLessThan(KS_LIMIT);
    expect(values.every((value) => value >= low * std && value <= high * std)).toBe(true);
  });

  test("fillTruncatedNormal gives the numbers of truncatedNormal", () => {
    const source = stream();
    const expected = Float32Array.from({ length: 500 }, () => source.truncatedNormal(0.02, -0.03, 0.03));
    expect(stream().fillTruncatedNormal(new Float32Array(500), 0.02, -0.03, 0.03)).toEqual(expected);
  });

  test("a truncated normal without spread or window is refused", () => {
    expect(() => stream().truncatedNormal(0, -1, 1)).toThrow(AfterimageError);
    expect(() => stream().truncatedNormal(1, 1, 1)).toThrow(AfterimageError);
  });

  test("integer gives every value of its range equally often", () => {
    const source = stream();
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[source.integer(-3, 4) + 3]!++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.9); // 6 degrees of freedom, 1 in 10,000
  });

  test("integer refuses an empty range", () => {
    expect(() => stream().integer(3, 3)).toThrow(AfterimageError);
    expect(() => stream().integer(0, 1.5)).toThrow(AfterimageError);
  });

  test("chance comes true as often as it says, never for 0 and always for 1", () => {
    const source = stream();
    const hits = draws(40_000, () => Number(source.chance(0.2)));
    expect(Math.abs(mean(hits) - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / 40_000));
    expect(draws(1000, () => Number(source.chance(0))).every((hit) => hit === 0)).toBe(true);
    expect(draws(1000, () => Number(source.chance(1))).every((hit) => hit === 1)).toBe(true);
  });

  test("permutation holds every number once, and all 24 orders of four come equally often", () => {
    const source = stream();
    expect(Array.from(source.permutation(1000)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect(source.permutation(0)).toHaveLength(0);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = source.permutation(4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(56.2); // 23 degrees of freedom, 1 in 10,000
  });
});

/**
 * The cumulative distribution of N(0, 1) cut to [low, high], by a running trapezoid sum over 20,000 points.
 */
function windowCumulative(low: number, high: number): (x: number) => number {
  const from = Math.max(low, Math.min(-9, high - 9));
  const to = Math.min(high, Math.max(9, low + 9));
  const points = 20_000;
  const sums = new Float64Array(points + 1);
  const step = (to - from) / points;
  const scale = (x: number) => Math.exp(-0.5 * (x * x - Math.min(from * from, to * to)));
  for (let i = 1; i <= points; i++) {
    const x = from + i * step;
    sums[i] = sums[i - 1]! + 0.5 * (scale(x) + scale(x - step));
  }
  return (x) => {
    const place = Math.min(Math.max((x - from) / step, 0), points - 1e-9);
    const cell = Math.floor(place);
    return (sums[cell]! + (place - cell) * (sums[cell + 1]! - sums[cell]!)) / sums[points]!;
  };
}

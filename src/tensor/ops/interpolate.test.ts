import { expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../../test/support/evaluate-loss.ts";
import { relativeError } from "../../../test/support/probe.ts";
import { input, mul, sum } from "../index.ts";
import { type InterpolateOptions, interpolate } from "./interpolate.ts";

const map = input("map", [1, 2, 5, 7]);
const line = input("line", [1, 2, 7]);

test.each<[string, InterpolateOptions, string]>([
  ["neither size nor factor", {}, "a size or a scale factor"],
  ["both", { size: 3, scaleFactor: 2 }, "3 and 2"],
  ["sizes for another rank", { size: [1, 2, 3] }, "a number, or 2 of them; got [1,2,3]"],
  ["a factor of 0", { scaleFactor: [1, 0] }, "(scaleFactor); expected numbers above 0; got 1,0"],
  [
    "a mode of sequences",
    { size: 3, mode: "linear" },
    "nearest, nearest-exact, bilinear, bicubic for [1,2,5,7]",
  ],
  ["aligned corners of nearest neighbours", { size: 3, alignCorners: true }, "(alignCorners)"],
  ["antialiased nearest neighbours", { size: 3, antialias: true }, "(antialias)"],
  ["a factor to compute again that is not there", { size: 3, recomputeScaleFactor: true }, "got the size 3"],
])("%s are refused", (_, options, message) => {
  expect(() => interpolate(map, options)).toThrow(message);
});

test("sequences have linear interpolation, and no bilinear one", () => {
  expect(interpolate(line, { scaleFactor: 1.5, mode: "linear" }).shape).toEqual([1, 2, 10]);
  expect(() => interpolate(line, { size: 3, mode: "bilinear" })).toThrow(
    "nearest, nearest-exact, linear for",
  );
});

test("a map that keeps its size is the same tensor, unless its step is another", () => {
  expect(interpolate(map, { size: [5, 7], mode: "bicubic" })).toBe(map);
  expect(interpolate(map, { scaleFactor: 1.1, mode: "bilinear" })).not.toBe(map);
});

test("long sequences, which have other nodes than short ones, are interpolated as these", async () => {
  const [length, rows] = [90, 2];
  const [x, g] = [deterministic("long.x", rows * length), deterministic("long.g", rows * 2 * length)];
  const doubled = (mode: "nearest" | "linear") =>
    evaluateLoss({ x: leaf(x, 1, rows, length), g: leaf(g, 1, rows, 2 * length) }, (leaves) => {
      const y = interpolate(leaves.x, { scaleFactor: 2, mode });
      return { loss: sum(mul(y, leaves.g)), y };
    });
  const at = (row: number, i: number) => x[row * length + Math.min(length - 1, Math.max(0, i))]!;
  const expected = Array.from({ length: rows * 2 * length }, (_, place) => {
    const [row, j] = [Math.floor(place / (2 * length)), place % (2 * length)];
    const i = Math.floor(j / 2);
    return { nearest: at(row, i), linear: 0.75 * at(row, i) + 0.25 * at(row, j % 2 === 0 ? i - 1 : i + 1) };
  });
  for (const mode of ["nearest", "linear"] as const) {
    const got = await doubled(mode);
    expect(
      relativeError(
        got.y,
        expected.map((value) => value[mode]),
      ),
    ).toBeLessThan(1e-6);
  }
  const slopes = (await doubled("nearest"))["grad/x"];
  const sums = Array.from(x, (_, i) => g[2 * i]! + g[2 * i + 1]!);
  expect(relativeError(slopes, sums)).toBeLessThan(1e-6);
});

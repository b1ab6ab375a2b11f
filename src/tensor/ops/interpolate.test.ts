import { expect, test } from "vitest";
import { input } from "../index.ts";
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

import { describe, expect, test } from "vitest";
import { chooseBackground, parseBackground } from "./background.ts";

/** A picture of pixels [grey, opacity 0 to 1], on both backgrounds. */
function choose(pixels: readonly (readonly [number, number])[]) {
  const over = (ground: number) =>
    Uint8Array.from(
      pixels.flatMap(([grey, opacity]) => Array(3).fill(Math.round(grey * opacity + ground * (1 - opacity)))),
    );
  return chooseBackground(over(255), over(0));
}
const many = (count: number, pixel: readonly [number, number]) => Array.from({ length: count }, () => pixel);

describe("chooseBackground", () => {
  test.each<[string, ReturnType<typeof choose>, (readonly [number, number])[]]>([
    ["white on nothing", "black", [...many(50, [255, 1]), ...many(50, [0, 0])]],
    ["white with soft edges", "black", [...many(50, [255, 1]), ...many(20, [255, 0.4]), ...many(30, [0, 0])]],
    ["all but white", "black", [...many(50, [230, 1]), ...many(50, [0, 0])]],
    ["black on nothing", "white", [...many(50, [0, 1]), ...many(50, [0, 0])]],
    ["grey on nothing", "white", [...many(50, [200, 1]), ...many(50, [0, 0])]],
    ["white with black outlines", "white", [...many(60, [255, 1]), ...many(5, [0, 1]), ...many(35, [0, 0])]],
    ["white with one dark point", "black", [...many(98, [255, 1]), ...many(1, [0, 1]), ...many(9, [0, 0])]],
    ["nothing at all", "white", many(100, [0, 0])],
    ["opaque white", null, many(100, [255, 1])],
    ["opaque, whatever it shows", null, [...many(50, [255, 1]), ...many(50, [0, 1])]],
  ])("%s: %s", (_, expected, pixels) => {
    expect(choose(pixels)).toBe(expected);
  });
});

test("parseBackground knows names and colours", () => {
  expect(["auto", "White", "black", "grey", "#FFcc00"].map(parseBackground)).toEqual([
    "auto",
    "#ffffff",
    "#000000",
    "#808080",
    "#ffcc00",
  ]);
  expect(["", "red", "#fff", "ffffff", "#gggggg"].map(parseBackground)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

import { describe, expect, test } from "vitest";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { overlappingPatches, type PatchGrid } from "./overlapping-patches.ts";

/** A picture whose pixels are their own places, 100·row + column, in two channels of either sign. */
function placesPicture(size: number): Float32Array {
  const plane = Array.from({ length: size * size }, (_, i) => 100 * Math.floor(i / size) + (i % size));
  return Float32Array.from([...plane, ...plane.map((value) => -value)]);
}

async function cut(size: number, grid: PatchGrid) {
  const x = input("x", [1, 2, size, size]);
  const results = await runOnce(compile({ y: overlappingPatches(x, grid) }), { x: placesPicture(size) });
  return results.y as Float32Array;
}

/** The upper left pixel of each patch. */
const corners = (patches: Float32Array, patch: number) =>
  Array.from({ length: patches.length / (2 * patch * patch) }, (_, i) => patches[i * 2 * patch * patch]);

describe("overlappingPatches", () => {
  test("reaches from border to border, row by row, half of each patch in the next", async () => {
    const patches = await cut(8, { grid: 3, patch: 4 });
    expect(corners(patches, 4)).toEqual([0, 2, 4, 200, 202, 204, 400, 402, 404]);
  });

  test("keeps rows, columns and channels of a patch in their order", async () => {
    const patches = await cut(4, { grid: 2, patch: 2 });
    const last = Array.from(patches.subarray(-8));
    expect(last).toEqual([202, 203, 302, 303, -202, -203, -302, -303]);
  });

  test("lies at whole pixels where the strides are none", async () => {
    const patches = await cut(9, { grid: 3, patch: 4 });
    expect(corners(patches, 4).slice(0, 3)).toEqual([0, 3, 5]);
  });

  test("is the picture itself with one patch of its size", async () => {
    expect(await cut(4, { grid: 1, patch: 4 })).toEqual(placesPicture(4));
  });

  test("takes CPC's 7 × 7 patches of 64 pixels, 32 apart, from 256", () => {
    expect(overlappingPatches(input("x", [2, 3, 256, 256]), { grid: 7, patch: 64 }).shape).toEqual([
      98, 3, 64, 64,
    ]);
  });

  test("refuses patches that do not fit into the pictures", () => {
    expect(() => overlappingPatches(input("x", [1, 3, 8, 8]), { grid: 2, patch: 9 })).toThrow(
      /at least 9 pixels/,
    );
  });
});

import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, rowsOf, total } from "../../test/support/rows.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { compile, input } from "../tensor/index.ts";
import { denormalizePatches, normalizePatches } from "./normalize-patches.ts";

const [B, N, D] = [2, 3, 12];
const patches = deterministic("normalize-patches", B * N * D, 2);

async function normalize(values: Float32Array): Promise<Float32Array> {
  const program = compile({ y: normalizePatches(input("x", [B, N, D])) });
  return (await runTwice(program, { x: values })).y as Float32Array;
}

test("normalizePatches subtracts a patch's mean and divides by its unbiased deviation", async () => {
  const expected = rowsOf(patches, D).flatMap((row) => {
    const mean = average(row);
    const variance = total(row.map((x) => (x - mean) ** 2)) / (D - 1);
    return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-6));
  });
  expect(relativeError(await normalize(patches), expected)).toBeLessThan(1e-5);
});

test("normalizePatches takes away a patch's brightness and contrast, and makes a flat patch 0", async () => {
  const changed = patches.map((value, i) => value * (1 + Math.floor(i / D)) + Math.floor(i / D));
  expect(relativeError(await normalize(changed), await normalize(patches))).toBeLessThan(1e-5);
  expect((await normalize(new Float32Array(B * N * D).fill(0.5))).every((value) => value === 0)).toBe(true);
});

test("denormalizePatches undoes it, by the patches that were normalised", async () => {
  const x = input("x", [B, N, D]);
  const { y } = await runTwice(compile({ y: denormalizePatches(normalizePatches(x), x) }), { x: patches });
  expect(relativeError(y as Float32Array, patches)).toBeLessThan(1e-5);
});

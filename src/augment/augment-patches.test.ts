import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { augmentPatches, drawPatchParameters, PATCH_PARAMETERS } from "./augment-patches.ts";

const SIZE = 2;
const patches = deterministic("patches", 2 * 3 * SIZE * SIZE);

async function augmented(parameters: readonly number[]): Promise<number[]> {
  const x = input("x", [2, 3, SIZE, SIZE]);
  const drawn = input("drawn", [1, 2, PATCH_PARAMETERS]);
  const fed = { x: patches, drawn: Float32Array.from(parameters) };
  const { y } = await runOnce(compile({ y: augmentPatches(x, drawn) }), fed);
  return Array.from(y as Float32Array);
}

function draw(dropColour: number, flipPatches: number, count = 3000): number[][] {
  const out = new Float32Array(count * PATCH_PARAMETERS);
  drawPatchParameters(out, randomStream(0, "patches", 0, 0), { dropColour, flipPatches });
  return Array.from({ length: count }, (_, i) => Array.from(out.subarray(i * 4, (i + 1) * 4)));
}

describe("noise on patches", () => {
  test("leaves a patch as it is, or keeps its green alone and mirrors it", async () => {
    const got = await augmented([1, 1, 1, 0, 0, 1, 0, 1]);
    const [first, second] = [Array.from(patches.subarray(0, 12)), Array.from(patches.subarray(12))];
    expect(got.slice(0, 12)).toEqual(first);
    const green = second.slice(4, 8);
    const mirrored = [green[1], green[0], green[3], green[2]];
    expect(got.slice(12).map((value) => value + 0)).toEqual([0, 0, 0, 0, ...mirrored, 0, 0, 0, 0]);
  });

  test("keeps one colour, each as often, in the share that was asked for", () => {
    const drawn = draw(0.6, 0.25);
    const keeping = (kept: readonly number[]) =>
      drawn.filter((row) => `${row.slice(0, 3)}` === `${kept}`).length / drawn.length;
    expect(keeping([1, 1, 1])).toBeCloseTo(0.4, 1);
    for (const one of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
      expect(keeping(one)).toBeCloseTo(0.2, 1);
    expect(drawn.filter((row) => row[3] === 1).length / drawn.length).toBeCloseTo(0.25, 1);
  });

  test("is none where its probabilities are 0", () => {
    for (const row of draw(0, 0, 50)) expect(row).toEqual([1, 1, 1, 0]);
  });
});

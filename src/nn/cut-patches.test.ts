import { expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { cutPatches } from "./cut-patches.ts";

const [B, C, H, W, N, SIZE] = [2, 3, 6, 7, 2, 3];
const pictures = deterministic("pictures", B * C * H * W);
/** `(y, x)` of each patch of each picture, up to the lower right corner. */
const corners = Int32Array.of(0, 0, 1, 4, 3, 4, 2, 1);

/** [n·B, C, size, size] in four loops. */
function cutByHand(): number[] {
  const values: number[] = [];
  for (let n = 0; n < N; n++) {
    for (let b = 0; b < B; b++) {
      const [top, left] = corners.subarray((b * N + n) * 2);
      for (let c = 0; c < C; c++)
        for (let y = 0; y < SIZE; y++)
          for (let x = 0; x < SIZE; x++) values.push(pictures[((b * C + c) * H + top! + y) * W + left! + x]!);
    }
  }
  return values;
}

async function cut(normalize: boolean): Promise<Float32Array> {
  const patches = cutPatches(input("x", [B, C, H, W]), input("corners", [B, N, 2], "int32"), SIZE, normalize);
  return (await runOnce(compile({ patches }), { x: pictures, corners })).patches as Float32Array;
}

it("cuts every picture at its own places", async () => {
  expect([...(await cut(false))]).toEqual(cutByHand());
});

it("brings every patch to mean 0 and deviation 1 where asked to", async () => {
  const plain = cutByHand();
  const length = C * SIZE * SIZE;
  const expected = Array.from({ length: N * B }, (_, i) => plain.slice(i * length, (i + 1) * length)).flatMap(
    (patch) => {
      const mean = patch.reduce((a, b) => a + b) / length;
      const variance = patch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
      return patch.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
    },
  );
  expect(relativeError(await cut(true), expected)).toBeLessThan(1e-5);
});

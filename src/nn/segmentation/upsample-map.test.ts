import { describe, expect, test } from "vitest";
import { deterministic } from "../../../test/support/deterministic.ts";
import { relativeError } from "../../../test/support/probe.ts";
import { randomStream } from "../../random/index.ts";
import { runOnce } from "../../runtime/session.ts";
import { compile, input, interpolate, shapeOf, slice, sub, type Tensor } from "../../tensor/index.ts";
import { Scope } from "../scope.ts";
import { Variables } from "../variables.ts";
import { UPSAMPLINGS, type Upsampling, upsampleMap } from "./upsample-map.ts";

const [B, C, H, W] = [2, 3, 5, 4];
const x = deterministic("upsample", B * C * H * W);

/** A map, upsampled with first weights, and what `compare` makes of the two. */
async function evaluate(
  kind: Upsampling,
  size: readonly [number, number],
  compare: (y: Tensor, x: Tensor) => Tensor,
) {
  const variables = new Variables();
  const map = input("x", [B, C, H, W]);
  const y = upsampleMap(new Scope(variables, "", { training: true, trainable: true }), map, size, kind);
  expect(y.shape).toEqual([B, C, ...size]);
  const values = variables.all.map(({ path, shape, initial }) => [
    path,
    initial(shape, randomStream(0, path, 0, 0)),
  ]);
  const { z } = await runOnce(compile({ z: compare(y, map) }), { x, ...Object.fromEntries(values) });
  return z as Float32Array;
}

const inside = (t: Tensor, margin: number) => {
  const [b, c, h, w] = shapeOf(t, 4, "test");
  return slice(t, [0, 0, margin, margin], [b, c, h - margin, w - margin]);
};

describe("upsampleMap", () => {
  test.each(UPSAMPLINGS)("%s reaches any larger size", async (kind) => {
    for (const size of [
      [5, 4],
      [10, 8],
      [17, 9],
      [15, 13],
    ] as const)
      expect(await evaluate(kind, size, (y) => y)).toHaveLength(B * C * size[0] * size[1]);
  });

  test.each([2, 3, 4])(
    "transposed starts as bilinear interpolation by %i, but for the border",
    async (factor) => {
      const size = [H * factor, W * factor] as const;
      const difference = await evaluate("transposed", size, (y, map) =>
        inside(sub(y, interpolate(map, { size, mode: "bilinear" })), factor),
      );
      expect(relativeError(difference, new Float32Array(difference.length))).toBeLessThan(1e-6);
    },
  );

  test.each([2, 3])("pixelshuffle starts as nearest neighbours by %i", async (factor) => {
    const size = [H * factor, W * factor] as const;
    const difference = await evaluate("pixelshuffle", size, (y, map) => sub(y, interpolate(map, { size })));
    expect(relativeError(difference, new Float32Array(difference.length))).toBeLessThan(1e-6);
  });

  test("refuses a smaller size", () => {
    const scope = new Scope(new Variables(), "", { training: true, trainable: true });
    expect(() => upsampleMap(scope, input("x", [B, C, H, W]), [4, 8])).toThrow("a map of at most 4,8");
  });
});

import { describe, expect, it } from "vitest";
import { runOnce } from "../../runtime/session.ts";
import { compile, gradients, input, mul, sum } from "../index.ts";
import { convolution } from "./convolution.ts";

/** Too large for finite differences: the table of operators has the small shapes. */
describe("the filter gradient of many filters over many positions", () => {
  it("is the sum over positions that its formula says", async () => {
    const [filters, side, kernel] = [64, 66, 3];
    const out = side - kernel + 1;
    const x = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i));
    const g = Float32Array.from({ length: filters * out * out }, (_, i) => Math.cos(0.37 * i));
    const [tx, tw] = [input("x", [1, 1, side, side]), input("w", [filters, 1, kernel, kernel])];
    const seed = input("g", [1, filters, out, out]);
    const [dw] = gradients(sum(mul(convolution(tx, tw), seed)), [tw]);
    const w = new Float32Array(filters * kernel ** 2);
    const result = await runOnce(compile({ dw: dw! }), { x, w, g });

    for (const [o, i, j] of [
      [0, 0, 0],
      [5, 1, 2],
      [63, 2, 1],
    ] as const) {
      let expected = 0;
      for (let y = 0; y < out; y++)
        for (let z = 0; z < out; z++) expected += g[(o * out + y) * out + z]! * x[(y + i) * side + z + j]!;
      expect(result.dw![(o * kernel + i) * kernel + j]).toBeCloseTo(expected, 2);
    }
  });
});

import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input, mul, sum } from "../tensor/index.ts";
import { pixelShuffle, pixelUnshuffle } from "./pixel-shuffle.ts";

const [B, C, R, H, W] = [2, 3, 2, 3, 4];
const x = deterministic("shuffle", B * C * R * R * H * W);
const at = (b: number, channel: number, row: number, column: number) =>
  x[((b * C * R * R + channel) * H + row) * W + column]!;

test("pixelShuffle lays each group of channels out as squares of pixels", async () => {
  const { y } = await runOnce(compile({ y: pixelShuffle(input("x", [B, C * R * R, H, W]), R) }), { x });
  const expected: number[] = [];
  for (let b = 0; b < B; b++)
    for (let c = 0; c < C; c++)
      for (let row = 0; row < H * R; row++)
        for (let column = 0; column < W * R; column++) {
          const channel = c * R * R + (row % R) * R + (column % R);
          expected.push(at(b, channel, Math.floor(row / R), Math.floor(column / R)));
        }
  expect([...(y as Float32Array)]).toEqual(expected);
});

test("pixelUnshuffle undoes it, and its derivative is the shuffle of the gradient", async () => {
  const shape = [B, C * R * R, H, W];
  const got = await evaluateLoss({ x: leaf(x, ...shape), g: leaf(x, ...shape) }, ({ x: a, g }) => {
    const back = pixelUnshuffle(pixelShuffle(a, R), R);
    return { loss: sum(mul(back, g)), back };
  });
  expect(got.back).toEqual([...x]);
  expect(got["grad/x"]).toEqual([...x]);
});

test("both refuse sizes that do not divide", () => {
  expect(() => pixelShuffle(input("x", [1, 6, 2, 2]), 2)).toThrow("channels that 2² divides");
  expect(() => pixelShuffle(input("x", [1, 6, 2, 2]), 1.5)).toThrow("channels that 1.5² divides");
  expect(() => pixelUnshuffle(input("x", [1, 2, 4, 3]), 2)).toThrow("height and width that 2 divides");
});

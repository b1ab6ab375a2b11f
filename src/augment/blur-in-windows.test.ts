import { describe, expect, it } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { gaussianBlur } from "./blur.ts";
import { blurInWindows } from "./blur-in-windows.ts";
import { NO_BLUR, PARAMETER, PARAMETER_COUNT } from "./view-parameters.ts";

const SIGMAS = [0.1, 1.3, 9, null];
const B = SIGMAS.length;

function pictures(n: number): Float32Array {
  const random = randomStream(0, "test/blur", 0, n);
  return Float32Array.from({ length: B * 3 * n * n }, () => random.uniform(0, 1));
}

function parameters(): Float32Array {
  const all = new Float32Array(B * PARAMETER_COUNT);
  for (const [b, sigma] of SIGMAS.entries())
    all[b * PARAMETER_COUNT + PARAMETER.blur] = sigma === null ? NO_BLUR : 1 / (2 * sigma ** 2);
  return all;
}

/**
 * The weights at distance 0 … radius of each picture, as torchvision's `_get_gaussian_kernel1d` makes them.
 */
function weights(radius: number): Float32Array {
  return Float32Array.from(
    SIGMAS.flatMap((sigma) => {
      const half = Array.from({ length: radius + 1 }, (_, d) =>
        sigma === null ? Number(d === 0) : Math.exp(-(d * d) / (2 * sigma ** 2)),
      );
      const total = half.reduce((sum, weight, d) => sum + (d === 0 ? weight : 2 * weight), 0);
      return half.map((weight) => weight / total);
    }),
  );
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

describe("blurInWindows", () => {
  it.each([
    [40, 2, 128],
    [40, 11, 16],
    [64, 3, 16],
    [33, 32, 7],
  ])("is the blur by matrices: %i pixels, radius %i, windows of %i", async (n, radius, places) => {
    const [x, draws] = [input("x", [B, 3, n, n]), input("p", [B, PARAMETER_COUNT])];
    const [w, kernel] = [input("w", [B, radius + 1]), 2 * radius + 1];
    const step = gaussianBlur({ kernel, probability: 1, sigma: [0.1, 9] }, n);
    const outputs = { matrices: step.apply(x, [], draws), windows: blurInWindows(x, w, places) };
    const feeds = { x: pictures(n), p: parameters(), w: weights(radius) };
    const results = await runOnce(compile(outputs), feeds, { threads: 1 });
    const [one, two] = [results.matrices as Float32Array, results.windows as Float32Array];
    expect(largestDifference(one, two)).toBeLessThan(1e-5);
  });

  it("leaves a picture that is not blurred as it is, in the graph of large pictures too", async () => {
    const n = 800;
    const [x, draws] = [input("x", [1, 3, n, n]), input("p", [1, PARAMETER_COUNT])];
    const kernel = 2 * Math.floor(n / 20) + 1;
    const program = compile({
      y: gaussianBlur({ kernel, probability: 0.5, sigma: [0.1, 2] }, n).apply(x, [], draws),
    });
    expect(program.bytes.length).toBeLessThan(2e6);
    const feeds = { x: pictures(n).slice(0, 3 * n * n), p: parameters().slice(3 * PARAMETER_COUNT) };
    const { y } = await runOnce(program, feeds, { threads: 1 });
    expect(largestDifference(y as Float32Array, feeds.x)).toBe(0);
  });
});

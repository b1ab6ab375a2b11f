import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { constant, input } from "../tensor/index.ts";
import { type PixelCrossEntropyOptions, pixelCrossEntropy } from "./pixel-cross-entropy.ts";

const [B, K, H, W] = [2, 3, 2, 3];
const LABELS = [0, 2, 255, 1, 1, 0, 2, 2, 255, 0, 1, 2];
const WEIGHTS = [0.5, 2, 1.5];
const logits = deterministic("pixels.logits", B * K * H * W, 3);

/** The definition: a mean over the pixels that count, under the weights of their labels. */
function plain(z: readonly number[], { ignored, classWeights, smoothing = 0 }: PixelCrossEntropyOptions) {
  let [total, mass] = [0, 0];
  for (const [pixel, label] of LABELS.entries()) {
    if (label === 255 || label === ignored) continue;
    const [b, place] = [Math.floor(pixel / (H * W)), pixel % (H * W)];
    const row = Array.from({ length: K }, (_, k) => z[(b * K + k) * H * W + place]!);
    const log = (k: number) => row[k]! - Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
    const weight = (k: number) => classWeights?.[k] ?? 1;
    for (let k = 0; k < K; k++) {
      const share = (k === label ? 1 - smoothing : 0) + smoothing / K;
      total -= share * weight(k) * log(k);
    }
    mass += weight(label);
  }
  return total / mass;
}

const evaluate = (
  options: PixelCrossEntropyOptions,
  dtype: "int32" | "int64" | "uint8" = "int32",
  z = logits,
) =>
  evaluateLoss({ z: leaf(z, B, K, H, W) }, ({ z: x }) => ({
    loss: pixelCrossEntropy(x, constant(LABELS, [B, H, W], dtype), options),
  }));

describe.each<PixelCrossEntropyOptions>([
  {},
  { ignored: 1 },
  { classWeights: WEIGHTS, ignored: 0 },
  { smoothing: 0.3, classWeights: WEIGHTS },
])("pixelCrossEntropy with %o", (options) => {
  test.each(["int32", "int64", "uint8"] as const)("is its definition for %s labels", async (dtype) => {
    const got = await evaluate(options, dtype);
    expect(relativeError(got.loss, [plain([...logits], options)])).toBeLessThan(1e-5);
    const slopes = finiteDifferences((z) => plain(z, options), logits);
    expect(relativeError(got["grad/z"], slopes)).toBeLessThan(1e-5);
  });
});

test("pixelCrossEntropy is ln K for equal logits, and 0 without gradient where no pixel counts", async () => {
  const flat = new Float32Array(logits.length).fill(2);
  expect((await evaluate({ smoothing: 0.2 }, "int32", flat)).loss[0]).toBeCloseTo(Math.log(K), 6);
  const none = await evaluateLoss({ z: leaf(logits, B, K, H, W) }, ({ z }) => ({
    loss: pixelCrossEntropy(z, constant(new Int32Array(B * H * W).fill(255), [B, H, W], "int32")),
  }));
  expect(none.loss[0]).toBeCloseTo(0, 12);
  expect(none["grad/z"].every((slope) => slope === 0)).toBe(true);
});

test("pixelCrossEntropy refuses what does not fit", () => {
  const z = input("z", [B, K, H, W]);
  const labels = input("l", [B, H, W], "int32");
  expect(() => pixelCrossEntropy(z, input("l", [B, W, H], "int32"))).toThrow("integer labels [B, H, W]");
  expect(() => pixelCrossEntropy(z, input("l", [B, H, W]))).toThrow("integer labels [B, H, W]");
  expect(() => pixelCrossEntropy(z, labels, { smoothing: 1 })).toThrow("below 1; got 1");
  expect(() => pixelCrossEntropy(z, labels, { classWeights: [1] })).toThrow("3 numbers");
  expect(() => pixelCrossEntropy(z, labels, { classWeights: [1, 0, 1] })).toThrow("the weight of class 1");
});

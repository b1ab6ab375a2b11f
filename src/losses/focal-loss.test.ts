import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { constant, input } from "../tensor/index.ts";
import { type FocalOptions, focalLoss } from "./focal-loss.ts";
import { pixelCrossEntropy } from "./pixel-cross-entropy.ts";

const [B, K, H, W] = [2, 3, 2, 2];
const LABELS = [0, 2, 255, 1, 1, 0, 2, 2];
const WEIGHTS = [0.25, 0.75, 1.5];
const logits = deterministic("focal.logits", B * K * H * W, 3);

function plain(z: readonly number[], gamma: number, weights: readonly number[]): number {
  let [total, mass] = [0, 0];
  for (const [pixel, label] of LABELS.entries()) {
    if (label >= K) continue;
    const [b, place] = [Math.floor(pixel / (H * W)), pixel % (H * W)];
    const odds = Array.from({ length: K }, (_, k) => Math.exp(z[(b * K + k) * H * W + place]!));
    const p = odds[label]! / odds.reduce((sum, value) => sum + value);
    total -= weights[label]! * (1 - p) ** gamma * Math.log(p);
    mass += weights[label]!;
  }
  return total / mass;
}

const evaluate = (options: FocalOptions, z: ArrayLike<number> = logits) =>
  evaluateLoss({ z: leaf(z, B, K, H, W) }, ({ z: x }) => {
    const labels = constant(LABELS, [B, H, W], "int32");
    const { gamma: _, ...rest } = options;
    return { loss: focalLoss(x, labels, options), cross: pixelCrossEntropy(x, labels, rest) };
  });

test.each([1, 2, 3.5])("focalLoss is equation 5 for gamma %d, in value and gradient", async (gamma) => {
  const got = await evaluate({ gamma, classWeights: WEIGHTS });
  const value = (z: readonly number[]) => plain(z, gamma, WEIGHTS);
  expect(relativeError(got.loss, [value([...logits])])).toBeLessThan(1e-5);
  expect(relativeError(got["grad/z"], finiteDifferences(value, logits))).toBeLessThan(1e-5);
});

test("focalLoss is the cross-entropy for gamma 0, and (1 - 1/K)^γ of it for equal logits", async () => {
  const plainly = await evaluate({ gamma: 0, classWeights: WEIGHTS });
  expect(relativeError(plainly.loss, plainly.cross)).toBeLessThan(1e-6);
  const flat = await evaluate({}, new Float32Array(logits.length));
  expect(flat.loss[0]).toBeCloseTo((1 - 1 / K) ** 2 * Math.log(K), 6);
});

test("focalLoss of pixels that are right without doubt is 0, with gradients that are numbers", async () => {
  const sure = Float32Array.from({ length: logits.length }, (_, i) => {
    const [b, k, place] = [Math.floor(i / (K * H * W)), Math.floor(i / (H * W)) % K, i % (H * W)];
    return LABELS[b * H * W + place] === k ? 1000 : 0;
  });
  for (const gamma of [0, 1, 2]) {
    const got = await evaluate({ gamma }, sure);
    expect(got.loss[0]).toBeCloseTo(0, 12);
    expect(got["grad/z"].every(Number.isFinite)).toBe(true);
  }
});

test("focalLoss refuses a gamma between 0 and 1, where its slope has no bound", () => {
  const [z, labels] = [input("z", [B, K, H, W]), input("l", [B, H, W], "int32")];
  for (const gamma of [-1, 0.5, Number.NaN])
    expect(() => focalLoss(z, labels, { gamma })).toThrow("0, or a finite number, 1 or more");
});

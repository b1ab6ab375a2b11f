import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { constant, input } from "../tensor/index.ts";
import { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "./binary-cross-entropy.ts";

const [B, K] = [4, 3];
const logits = deterministic("bce.logits", B * K, 4);
const targets = deterministic("bce.targets", B * K).map((value) => (value > 0.6 ? 0.7 : value > 0 ? 1 : 0));

/** -p·t·log σ(z) - (1 - t)·log(1 - σ(z)), the mean over all. */
function formula(z: readonly number[], weights: readonly number[], smoothing = 0): number {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const terms = z.map((x, at) => {
    const t = targets[at]! * (1 - smoothing) + 0.5 * smoothing;
    return -weights[at % K]! * t * Math.log(sigmoid(x)) - (1 - t) * Math.log(1 - sigmoid(x));
  });
  return terms.reduce((a, b) => a + b) / terms.length;
}

const evaluate = (z: Float32Array, options?: BinaryCrossEntropyOptions) =>
  evaluateLoss({ z: leaf(z, B, K) }, ({ z: x }) => ({
    loss: binaryCrossEntropy(x, constant(targets, [B, K]), options),
  }));

describe("binaryCrossEntropy", () => {
  test.each<BinaryCrossEntropyOptions>([
    {},
    { positiveWeights: [0.5, 3, 2] },
    { smoothing: 0.1 },
    { smoothing: 0.2, positiveWeights: [0.5, 3, 2] },
  ])("is the formula, in value and gradient, with %o", async (options) => {
    const { positiveWeights = [1, 1, 1], smoothing } = options;
    const plain = (z: readonly number[]) => formula(z, positiveWeights, smoothing);
    const got = await evaluate(logits, options);
    expect(relativeError(got.loss, [plain([...logits])])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/z"], finiteDifferences(plain, logits))).toBeLessThan(1e-5);
  });

  test("is ln 2 for logits of 0, and the distance itself far on the wrong side", async () => {
    expect((await evaluate(new Float32Array(B * K))).loss[0]).toBeCloseTo(Math.LN2, 6);
    const wrong = targets.map((t) => (t === 0 ? 1000 : -1000));
    const mass = targets.reduce((sum, t) => sum + (t === 0 ? 1 : t), 0);
    expect((await evaluate(wrong)).loss[0]).toBeCloseTo((1000 * mass) / (B * K), 2);
  });

  test("is the same with targets and logits turned round", async () => {
    const turned = await evaluateLoss(
      {
        z: leaf(
          logits.map((z) => -z),
          B,
          K,
        ),
      },
      ({ z }) => ({
        loss: binaryCrossEntropy(
          z,
          constant(
            targets.map((t) => 1 - t),
            [B, K],
          ),
        ),
      }),
    );
    expect(relativeError(turned.loss, (await evaluate(logits)).loss)).toBeLessThan(1e-6);
  });

  test("refuses what does not fit", () => {
    const z = input("z", [B, K]);
    expect(() => binaryCrossEntropy(z, input("t", [B]))).toThrow("logits and targets [B, K]");
    expect(() => binaryCrossEntropy(z, z, { positiveWeights: [1] })).toThrow("3 numbers");
    expect(() => binaryCrossEntropy(z, z, { positiveWeights: [1, -1, 1] })).toThrow("the weight of label 1");
    expect(() => binaryCrossEntropy(z, z, { smoothing: -0.1 })).toThrow("below 1; got -0.1");
  });
});

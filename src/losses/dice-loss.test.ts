import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { constant, input } from "../tensor/index.ts";
import { type DiceOptions, diceLoss } from "./dice-loss.ts";

const [B, K, H, W] = [2, 4, 2, 3];
/** Class 3 does not occur. */
const LABELS = [0, 2, 255, 1, 1, 0, 2, 2, 1, 255, 0, 0];
const logits = deterministic("dice.logits", B * K * H * W, 3);

function plain(z: readonly number[], { smooth = 1, ignored }: DiceOptions): number {
  const [common, all, labelled] = [0, 0, 0].map(() => new Array<number>(K).fill(0));
  for (const [pixel, label] of LABELS.entries()) {
    if (label >= K || label === ignored) continue;
    const [b, place] = [Math.floor(pixel / (H * W)), pixel % (H * W)];
    const odds = Array.from({ length: K }, (_, k) => Math.exp(z[(b * K + k) * H * W + place]!));
    const total = odds.reduce((sum, value) => sum + value);
    for (let k = 0; k < K; k++) all![k]! += odds[k]! / total;
    common![label]! += odds[label]! / total;
    all![label]!++;
    labelled![label]!++;
  }
  const occurring = labelled!.flatMap((count, k) => (count > 0 ? [k] : []));
  const scores = occurring.map((k) => (2 * common![k]! + smooth) / (all![k]! + smooth));
  return 1 - scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

const evaluate = (options: DiceOptions, z: ArrayLike<number> = logits, labels: readonly number[] = LABELS) =>
  evaluateLoss({ z: leaf(z, B, K, H, W) }, ({ z: x }) => ({
    loss: diceLoss(x, constant(labels, [B, H, W], "int32"), options),
  }));

test.each<DiceOptions>([{}, { smooth: 0 }, { ignored: 0 }, { smooth: 5, ignored: 1 }])(
  "diceLoss is its definition with %o, in value and gradient",
  async (options) => {
    const got = await evaluate(options);
    expect(relativeError(got.loss, [plain([...logits], options)])).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/z"],
        finiteDifferences((z) => plain(z, options), logits),
      ),
    ).toBeLessThan(1e-5);
  },
);

/** Logits that are sure of a label at each pixel. */
const sureOf = (labels: readonly number[]) =>
  Float32Array.from({ length: logits.length }, (_, i) => {
    const [b, k, place] = [Math.floor(i / (K * H * W)), Math.floor(i / (H * W)) % K, i % (H * W)];
    return labels[b * H * W + place] === k ? 50 : 0;
  });

test("diceLoss is 0 for the right mask and 1 for one that is wrong everywhere, without smoothing", async () => {
  const wrong = LABELS.map((label) => (label + 1) % K);
  expect((await evaluate({ smooth: 0 }, sureOf(LABELS))).loss[0]).toBeCloseTo(0, 6);
  expect((await evaluate({ smooth: 0 }, sureOf(wrong))).loss[0]).toBeCloseTo(1, 6);
});

test("diceLoss is 0 without gradient where no pixel counts", async () => {
  const none = await evaluate(
    { smooth: 0 },
    logits,
    LABELS.map(() => 255),
  );
  expect(none.loss[0]).toBe(0);
  expect(none["grad/z"].every((slope) => slope === 0)).toBe(true);
});

test("diceLoss refuses a negative smoothing", () => {
  const [z, labels] = [input("z", [B, K, H, W]), input("l", [B, H, W], "int32")];
  expect(() => diceLoss(z, labels, { smooth: -1 })).toThrow("0 or more; got -1");
});

import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, total } from "../../test/support/rows.ts";
import { movedPictures, pairsOf } from "../../test/support/scores.ts";
import { input } from "../tensor/index.ts";
import { donskerVaradhanBound } from "./donsker-varadhan-bound.ts";

/** E_J[T] - log E_M[exp T]. */
function formula(scores: ArrayLike<number>, shape: readonly number[]): number {
  const { positives, negatives } = pairsOf(scores, shape);
  return average(positives) - Math.log(average(negatives.map(Math.exp)));
}

function evaluate(scores: ArrayLike<number>, shape: readonly number[]) {
  return evaluateLoss({ scores: { data: scores, shape } }, (tensors) => ({
    loss: donskerVaradhanBound(tensors.scores),
  }));
}

describe("donskerVaradhanBound", () => {
  test.each([{ shape: [4, 4] }, { shape: [3, 3, 5] }])(
    "is the theorem's right-hand side for scores $shape, in value and gradient",
    async ({ shape }) => {
      const scores = deterministic(
        "dv",
        shape.reduce((a, b) => a * b),
        3,
      );
      const got = await evaluate(scores, shape);
      const bound = (u: readonly number[]) => formula(u, shape);
      expect(relativeError(got.loss, [bound(Array.from(scores))])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/scores"], finiteDifferences(bound, scores))).toBeLessThan(1e-4);
    },
  );

  test("is larger by ln M than what the authors' donsker_varadhan_loss makes of M places", async () => {
    const [B, M] = [3, 5];
    const scores = deterministic("dv", B * B * M, 3);
    const { positives, negatives } = pairsOf(scores, [B, B, M]);
    const theirs = Math.log(total(negatives.map(Math.exp))) - Math.log(B * (B - 1)) - average(positives);
    expect((await evaluate(scores, [B, B, M])).loss[0]).toBeCloseTo(Math.log(M) - theirs, 4);
  });

  test("is 0 for equal scores, and the difference where positives are larger by it", async () => {
    expect((await evaluate(new Float32Array(16).fill(3), [4, 4])).loss[0]).toBeCloseTo(0, 5);
    const apart = [40, -40, -40, -40, 40, -40, -40, -40, 40];
    const got = await evaluate(apart, [3, 3]);
    expect(got.loss[0]).toBeCloseTo(80, 4);
    expect(got["grad/scores"].every(Number.isFinite)).toBe(true);
    expect(
      (
        await evaluate(
          apart.map((u) => -u),
          [3, 3],
        )
      ).loss[0],
    ).toBeCloseTo(-80, 4);
  });

  test("does not change with the order of the pictures, or a constant added to all scores", async () => {
    const scores = deterministic("dv", 45, 3);
    const { loss } = await evaluate(scores, [3, 3, 5]);
    for (const other of [movedPictures(scores, 3), scores.map((u) => u + 30)])
      expect((await evaluate(other, [3, 3, 5])).loss[0]).toBeCloseTo(loss[0]!, 4);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    const scores = deterministic("dv", 16);
    expect(await evaluate(scores, [4, 4])).toEqual(await evaluate(scores, [4, 4]));
  });

  test("refuses scores that are not of all pairs of two pictures or more", () => {
    for (const shape of [
      [3, 4],
      [1, 1, 5],
    ])
      expect(() => donskerVaradhanBound(input("u", shape))).toThrow(/scores \[B, B\] or \[B, B, M\]/);
  });
});

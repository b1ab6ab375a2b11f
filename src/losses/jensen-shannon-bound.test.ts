import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average } from "../../test/support/rows.ts";
import { movedPictures, pairsOf } from "../../test/support/scores.ts";
import { input } from "../tensor/index.ts";
import { jensenShannonBound } from "./jensen-shannon-bound.ts";

/** fenchel_dual_loss with measure JSD and the opposite sign: E_pos - E_neg. */
function formula(scores: ArrayLike<number>, shape: readonly number[]): number {
  const softplus = (value: number) => Math.log(1 + Math.exp(value));
  const { positives, negatives } = pairsOf(scores, shape);
  const positive = average(positives.map((u) => Math.log(2) - softplus(-u)));
  return positive - average(negatives.map((u) => softplus(-u) + u - Math.log(2)));
}

function evaluate(scores: ArrayLike<number>, shape: readonly number[]) {
  return evaluateLoss({ scores: { data: scores, shape } }, (tensors) => ({
    loss: jensenShannonBound(tensors.scores),
  }));
}

const SHAPES = [{ shape: [4, 4] }, { shape: [3, 3, 5] }];

describe("jensenShannonBound", () => {
  test.each(SHAPES)("is the authors' formula for scores $shape, in value and gradient", async ({ shape }) => {
    const scores = deterministic(
      "jsd",
      shape.reduce((a, b) => a * b),
      3,
    );
    const got = await evaluate(scores, shape);
    const bound = (u: readonly number[]) => formula(u, shape);
    expect(relativeError(got.loss, [bound(Array.from(scores))])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/scores"], finiteDifferences(bound, scores))).toBeLessThan(1e-4);
  });

  test("is 0 for scores of 0, and 2·ln 2 where positives are told from negatives surely", async () => {
    expect((await evaluate(new Float32Array(9), [3, 3])).loss[0]).toBeCloseTo(0, 6);
    const sure = [100, -100, -100, -100, 100, -100, -100, -100, 100];
    const got = await evaluate(sure, [3, 3]);
    expect(got.loss[0]).toBeCloseTo(2 * Math.LN2, 6);
    expect(got["grad/scores"].every(Number.isFinite)).toBe(true);
    // With the opposite sign every term is as far from 0 as its score.
    expect(
      (
        await evaluate(
          sure.map((u) => -u),
          [3, 3],
        )
      ).loss[0],
    ).toBeCloseTo(2 * Math.LN2 - 200, 4);
  });

  test("does not change with the order of the pictures", async () => {
    const scores = deterministic("jsd", 45, 3);
    const [one, other] = [
      await evaluate(scores, [3, 3, 5]),
      await evaluate(movedPictures(scores, 3), [3, 3, 5]),
    ];
    expect(other.loss[0]).toBeCloseTo(one.loss[0]!, 5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    const scores = deterministic("jsd", 16);
    expect(await evaluate(scores, [4, 4])).toEqual(await evaluate(scores, [4, 4]));
  });

  test("refuses scores that are not of all pairs of two pictures or more", () => {
    for (const shape of [[3, 4], [1, 1], [4], [2, 2, 3, 4]])
      expect(() => jensenShannonBound(input("u", shape))).toThrow(/scores \[B, B\] or \[B, B, M\]/);
  });
});

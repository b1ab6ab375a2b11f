import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, total } from "../../test/support/rows.ts";
import { movedPictures } from "../../test/support/scores.ts";
import { input } from "../tensor/index.ts";
import { infoNceBound } from "./info-nce-bound.ts";

/** ln K - mean of the cross-entropy of each positive place among itself and all places of other pictures. */
function formula(scores: ArrayLike<number>, [B, , M = 1]: readonly number[]): number {
  const u = (i: number, j: number, m: number) => scores[(i * B! + j) * M + m]!;
  const terms: number[] = [];
  for (let i = 0; i < B!; i++) {
    for (let m = 0; m < M; m++) {
      const candidates = [Math.exp(u(i, i, m))];
      for (let j = 0; j < B!; j++) {
        if (j === i) continue;
        for (let n = 0; n < M; n++) candidates.push(Math.exp(u(i, j, n)));
      }
      terms.push(Math.log(candidates.length) + Math.log(candidates[0]! / total(candidates)));
    }
  }
  return average(terms);
}

function evaluate(scores: ArrayLike<number>, shape: readonly number[]) {
  return evaluateLoss({ scores: { data: scores, shape } }, (tensors) => ({
    loss: infoNceBound(tensors.scores),
  }));
}

describe("infoNceBound", () => {
  test.each([{ shape: [4, 4] }, { shape: [3, 3, 5] }])(
    "is ln K less the authors' loss for scores $shape, in value and gradient",
    async ({ shape }) => {
      const scores = deterministic(
        "nce-bound",
        shape.reduce((a, b) => a * b),
        3,
      );
      const got = await evaluate(scores, shape);
      const bound = (u: readonly number[]) => formula(u, shape);
      expect(relativeError(got.loss, [bound(Array.from(scores))])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/scores"], finiteDifferences(bound, scores))).toBeLessThan(1e-4);
    },
  );

  test("is 0 for equal scores, and ln K where positives are told from negatives surely", async () => {
    expect((await evaluate(new Float32Array(16).fill(2), [4, 4])).loss[0]).toBeCloseTo(0, 5);
    const sure = [20, 20, -20, -20, -20, -20, 20, 20]; // [2, 2, 2]
    const got = await evaluate(sure, [2, 2, 2]);
    expect(got.loss[0]).toBeCloseTo(Math.log(3), 5);
    expect(got["grad/scores"].every(Number.isFinite)).toBe(true);
    expect(
      (
        await evaluate(
          sure.map((u) => -u),
          [2, 2, 2],
        )
      ).loss[0],
    ).toBeCloseTo(Math.log(3 / 2) - 40, 4);
  });

  test("does not change with the order of the pictures, or a constant added to a picture's row", async () => {
    const scores = deterministic("nce-bound", 45, 3);
    const { loss } = await evaluate(scores, [3, 3, 5]);
    for (const other of [movedPictures(scores, 3), scores.map((u, at) => u + Math.floor(at / 15))])
      expect((await evaluate(other, [3, 3, 5])).loss[0]).toBeCloseTo(loss[0]!, 5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    const scores = deterministic("nce-bound", 16);
    expect(await evaluate(scores, [4, 4])).toEqual(await evaluate(scores, [4, 4]));
  });

  test("refuses scores that are not of all pairs of two pictures or more", () => {
    for (const shape of [
      [3, 4],
      [1, 1],
    ])
      expect(() => infoNceBound(input("u", shape))).toThrow(/scores \[B, B\] or \[B, B, M\]/);
  });
});

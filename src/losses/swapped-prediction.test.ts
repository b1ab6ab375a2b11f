import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, columnsOf, crossEntropyOf, type Matrix, rowsOf, total } from "../../test/support/rows.ts";
import { constant, input, reshape, scalar, split } from "../tensor/index.ts";
import { swappedPrediction } from "./swapped-prediction.ts";

const [V, B, K, Q] = [4, 3, 5, 6];
const scores = deterministic("swav.scores", V * B * K);
const queue = deterministic("swav.queue", 2 * Q * K);
const SETTINGS = { temperature: 0.1, epsilon: 0.05 };

function assign(rows: Matrix): Matrix {
  let q = rows.map((row) => row.map((score) => Math.exp(score / SETTINGS.epsilon)));
  for (let i = 0; i < 3; i++) {
    const prototypes = columnsOf(q).map(total);
    q = q.map((row) => row.map((value, k) => value / prototypes[k]!));
    q = q.map((row) => row.map((value) => value / total(row)));
  }
  return q;
}

/** The loops of `main_swav.py`: assignments from `fixed`, which has no gradient, predictions from `z`. */
function authorsLoops(z: ArrayLike<number>, fixed: ArrayLike<number>, earlier?: Float32Array): number {
  const crops = (values: ArrayLike<number>) => rowsOf(values, B * K).map((crop) => rowsOf(crop, K));
  let loss = 0;
  for (const i of [0, 1]) {
    const before = earlier ? rowsOf(earlier.subarray(i * Q * K, (i + 1) * Q * K), K) : [];
    const q = assign([...before, ...crops(fixed)[i]!]).slice(-B);
    for (const [v, crop] of crops(z).entries())
      if (v !== i)
        loss += average(crop.map((row, b) => crossEntropyOf(q[b]!, row, SETTINGS.temperature))) / (V - 1);
  }
  return loss / 2;
}

function evaluate(values = scores, earlier?: Float32Array, crops: readonly number[] = [V], counts?: number) {
  return evaluateLoss({ scores: { data: values, shape: [V * B, K] } }, (t) => {
    const parts = split(
      t.scores,
      0,
      crops.map((n) => n * B),
    );
    return {
      loss: swappedPrediction({
        scores: parts.map((part) => reshape(part, [-1, B, K])),
        ...SETTINGS,
        ...(earlier ? { queue: constant(earlier, [2, Q, K]) } : {}),
        ...(counts === undefined ? {} : { queueCounts: scalar(counts) }),
      }),
    };
  });
}

describe("swappedPrediction", () => {
  test.each([
    { title: "without a queue", earlier: undefined },
    { title: "with a queue", earlier: queue },
  ])("is the authors' loops $title, in value and gradient", async ({ earlier }) => {
    const got = await evaluate(scores, earlier);
    const formula = (z: ArrayLike<number>) => authorsLoops(z, scores, earlier);
    expect(relativeError(got.loss!, [formula(scores)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/scores"]!, finiteDifferences(formula, scores))).toBeLessThan(1e-4);
  });

  test.each([
    [0, undefined],
    [1, queue],
  ])("counts the queue where it is told to: %s", async (counts, same) => {
    const counted = await evaluate(scores, queue, [V], counts);
    const expected = await evaluate(scores, same);
    expect(relativeError(counted.loss!, expected.loss!)).toBeLessThan(1e-6);
    expect(relativeError(counted["grad/scores"]!, expected["grad/scores"]!)).toBeLessThan(1e-5);
  });

  test("is the same for crops one by one and stacked", async () => {
    const { loss } = await evaluate();
    for (const crops of [
      [1, 1, 1, 1],
      [2, 2],
      [1, 3],
      [3, 1],
    ])
      expect((await evaluate(scores, undefined, crops)).loss![0]).toBeCloseTo(loss![0]!, 5);
  });

  test("does not change with the order of pictures, of prototypes, or of the crops that only predict", async () => {
    const { loss } = await evaluate();
    const at = (v: number, b: number, k: number) => scores[(v * B + b) * K + k]!;
    const reordered = (crop: number[], picture: number[], prototype: number[]) =>
      Float32Array.from(crop.flatMap((v) => picture.flatMap((b) => prototype.map((k) => at(v, b, k)))));
    const [same, inOrder] = [
      [0, 1, 2],
      [0, 1, 2, 3, 4],
    ];
    for (const other of [
      reordered([0, 1, 2, 3], [2, 0, 1], inOrder!),
      reordered([0, 1, 2, 3], same!, [3, 1, 4, 0, 2]),
      reordered([0, 1, 3, 2], same!, inOrder!),
    ])
      expect((await evaluate(other)).loss![0]).toBeCloseTo(loss![0]!, 4);
  });

  test("is ln K where all scores are equal", async () => {
    expect((await evaluate(new Float32Array(V * B * K).fill(0.2))).loss![0]).toBeCloseTo(Math.log(K), 5);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(scores, queue)).toEqual(await evaluate(scores, queue));
  });

  test("refuses fewer crops than are assigned, and a queue that does not fit", () => {
    const crop = input("x", [B, K]);
    expect(() => swappedPrediction({ scores: [crop], ...SETTINGS })).toThrow(/at least 2 crops to assign/);
    expect(() => swappedPrediction({ scores: [crop, crop], assigned: 0, ...SETTINGS })).toThrow(
      /at least one/,
    );
    const wrong = input("q", [2, Q, K + 1]);
    expect(() => swappedPrediction({ scores: [crop, crop], queue: wrong, ...SETTINGS })).toThrow(
      /a queue \[2, Q, 5\]/,
    );
  });
});

import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, gradients, input, mul } from "../tensor/index.ts";
import { softCrossEntropy } from "./soft-cross-entropy.ts";

const [N, B, K] = [3, 2, 4];
const logits = deterministic("sce.logits", N * B * K);
const TEMPERATURE = 0.3;

/** -mean over rows of Σ t·log softmax(z / τ); row r of the logits has row r mod (rows of targets). */
function formula(z: readonly number[], targets: ArrayLike<number>): number {
  const rows = z.length / K;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const scaled = z.slice(row * K, row * K + K).map((value) => value / TEMPERATURE);
    const logSum = Math.log(scaled.reduce((sum, value) => sum + Math.exp(value), 0));
    for (let k = 0; k < K; k++) total -= targets[(row * K + k) % targets.length]! * (scaled[k]! - logSum);
  }
  return total / rows;
}

async function evaluate(targets: Float32Array, shape: readonly number[], factor = 1, z = logits) {
  const x = input("x", [N, B, K]);
  const loss = mul(softCrossEntropy(x, constant(targets, shape), input("temperature", [])), factor);
  const program = compile({ loss, gx: gradients(loss, [x])[0]! });
  const got = await runTwice(program, { x: z, temperature: Float32Array.of(TEMPERATURE) });
  return { loss: (got.loss as Float32Array)[0]!, gx: got.gx as Float32Array };
}

describe("softCrossEntropy", () => {
  // Positive targets that do not sum to one, so that their mass counts.
  test.each([
    { title: "of their own for each row", shape: [N, B, K] },
    { title: "shared by the rows of the first axis", shape: [1, B, K] },
  ])("is the formula, in value and gradient, with targets $title", async ({ shape }) => {
    const targets = deterministic("sce.targets", shape[0]! * B * K).map((value) => value + 1.2);
    const { loss, gx } = await evaluate(targets, shape);
    const at = (z: readonly number[]) => formula(z, targets);
    expect(relativeError([loss], [at(Array.from(logits))])).toBeLessThan(1e-5);
    expect(relativeError(gx, finiteDifferences(at, logits))).toBeLessThan(1e-5);
  });

  test("hands on the gradient that comes from above", async () => {
    const targets = deterministic("sce.targets", B * K);
    const [once, thrice] = [await evaluate(targets, [1, B, K]), await evaluate(targets, [1, B, K], 3)];
    expect(
      relativeError(
        thrice.gx,
        Array.from(once.gx, (value) => 3 * value),
      ),
    ).toBeLessThan(1e-6);
  });

  test("does not change when a number is added to all logits of a row", async () => {
    const targets = deterministic("sce.targets", N * B * K).map((value) => value + 1.2);
    const raised = logits.map((value, i) => value + 3 * Math.floor(i / K) - 5);
    const [plain, moved] = [
      await evaluate(targets, [N, B, K]),
      await evaluate(targets, [N, B, K], 1, raised),
    ];
    expect(relativeError([moved.loss], [plain.loss])).toBeLessThan(1e-5);
    // The logits reach 10 / τ = 33, where a float32's step is 4e-6: that much of the softmax is lost.
    expect(relativeError(moved.gx, plain.gx)).toBeLessThan(1e-5);
  });

  test("does not change when logits and targets take another order of outputs, or of rows", async () => {
    const targets = deterministic("sce.targets", N * B * K).map((value) => value + 1.2);
    const plain = await evaluate(targets, [N, B, K]);
    const outputs = (values: Float32Array) =>
      values.map((_, i) => values[i - (i % K) + [2, 0, 3, 1][i % K]!]!);
    const rows = (values: Float32Array) =>
      values.map((_, i) => values[[4, 0, 5, 1, 3, 2][Math.floor(i / K)]! * K + (i % K)]!);
    for (const order of [outputs, rows]) {
      const moved = await evaluate(order(targets), [N, B, K], 1, order(logits));
      expect(relativeError([moved.loss], [plain.loss])).toBeLessThan(1e-6);
      expect(relativeError(moved.gx, order(plain.gx))).toBeLessThan(1e-6);
    }
    // Shows that the loss depends on the order: only the targets are moved.
    const mismatched = await evaluate(outputs(targets), [N, B, K]);
    expect(Math.abs(mismatched.loss - plain.loss)).toBeGreaterThan(1e-3);
  });

  test("grows with the targets: twice their mass has twice the value and gradient", async () => {
    const targets = deterministic("sce.targets", B * K).map((value) => value + 1.2);
    const [once, twice] = [
      await evaluate(targets, [1, B, K]),
      await evaluate(
        targets.map((value) => 2 * value),
        [1, B, K],
      ),
    ];
    expect(relativeError([twice.loss], [2 * once.loss])).toBeLessThan(1e-6);
    expect(
      relativeError(
        twice.gx,
        once.gx.map((value) => 2 * value),
      ),
    ).toBeLessThan(1e-6);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    const targets = deterministic("sce.targets", N * B * K);
    expect(await evaluate(targets, [N, B, K])).toEqual(await evaluate(targets, [N, B, K]));
  });

  test("keeps float32's digits over many rows and outputs", async () => {
    const [rows, width] = [512, 2048];
    // Few large targets among many small ones, which a single running sum would drop.
    const targets = deterministic("sce.t", rows * width, 6).map(Math.exp);
    const z = deterministic("sce.z", rows * width);
    let expected = 0;
    for (let row = 0; row < rows; row++) {
      const cut = (values: Float32Array) => values.subarray(row * width, (row + 1) * width);
      const logSum = Math.log(cut(z).reduce((sum, value) => sum + Math.exp(value), 0));
      cut(z).forEach((value, k) => {
        expected -= (cut(targets)[k]! * (value - logSum)) / rows;
      });
    }
    const x = input("x", [rows, width]);
    const loss = softCrossEntropy(x, input("t", [rows, width]), 1);
    const got = await runOnce(compile({ loss }), { x: z, t: targets });
    expect(relativeError(got.loss as Float32Array, [expected])).toBeLessThan(2e-6);
  });

  test("of the uniform target over equal logits is ln K", async () => {
    const x = input("x", [1, K]);
    const loss = softCrossEntropy(x, constant([0.25, 0.25, 0.25, 0.25], [1, K]), 0.1);
    const got = await runOnce(compile({ loss }), { x: new Float32Array(K).fill(3) });
    expect((got.loss as Float32Array)[0]).toBeCloseTo(Math.log(K), 6);
  });
});

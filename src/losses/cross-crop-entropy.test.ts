import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, crossEntropyOf, rowsOf, softmaxOf } from "../../test/support/rows.ts";
import { input, reshape, split } from "../tensor/index.ts";
import { crossCropEntropy } from "./cross-crop-entropy.ts";

const [V, G, B, K] = [5, 3, 2, 4];
const TEMPERATURE = 0.3;
const logits = deterministic("cross-crop.logits", V * B * K);
const targets = Float32Array.from(
  rowsOf(deterministic("cross-crop.targets", G * B * K), K).flatMap((row) => softmaxOf(row, 0.2)),
);

/** Every target paired with every other crop. */
function formula(z: ArrayLike<number>): number {
  const [crops, wanted] = [rowsOf(z, B * K), rowsOf(targets, B * K)];
  const pairs = wanted.flatMap((target, g) =>
    crops.flatMap((crop, v) => (v === g ? [] : [{ target, crop }])),
  );
  return average(
    pairs.map(({ target, crop }) => {
      const rows = rowsOf(target, K);
      return average(rowsOf(crop, K).map((row, b) => crossEntropyOf(rows[b]!, row, TEMPERATURE)));
    }),
  );
}

function evaluate(crops: readonly number[], z = logits) {
  const leaves = { z: { data: z, shape: [V * B, K] }, t: { data: targets, shape: [G, B, K] } };
  return evaluateLoss(leaves, (x) => {
    const parts = split(
      x.z,
      0,
      crops.map((n) => n * B),
    );
    const student = parts.map((part) => (part.shape[0] === B ? part : reshape(part, [-1, B, K])));
    return { loss: crossCropEntropy({ student, targets: x.t, temperature: TEMPERATURE }) };
  });
}

describe("crossCropEntropy", () => {
  test.each([[[5]], [[1, 1, 1, 1, 1]], [[3, 2]], [[2, 2, 1]], [[1, 4]]])(
    "is the mean over pairs, in value and gradient, for crops stacked as %j",
    async (crops) => {
      const got = await evaluate(crops);
      expect(relativeError(got.loss!, [formula(logits)])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/z"]!, finiteDifferences(formula, logits))).toBeLessThan(1e-4);
      expect(got["grad/t"]!.every((value) => value === 0)).toBe(true);
    },
  );

  test("is ln K for equal logits", async () => {
    expect((await evaluate([5], new Float32Array(V * B * K))).loss![0]).toBeCloseTo(Math.log(K), 6);
  });

  test("does not change when a number is added to all logits, and has nothing hidden", async () => {
    const { loss } = await evaluate([5]);
    const raised = logits.map((value) => value + 2);
    expect((await evaluate([5], raised)).loss![0]).toBeCloseTo(loss![0]!, 5);
    expect(await evaluate([5])).toEqual(await evaluate([5]));
  });

  test("refuses crops that do not fit, fewer than there are targets, and targets that are not stacked", () => {
    const crops = (count: number, width = K) => [input("z", [count, B, width])];
    const [settings, three] = [{ temperature: 1 }, input("t", [G, B, K])];
    const refused = /at least two student crops \[B, K\], those of the teacher first/;
    expect(() => crossCropEntropy({ ...settings, student: crops(5, K + 1), targets: three })).toThrow(
      refused,
    );
    expect(() => crossCropEntropy({ ...settings, student: crops(2), targets: three })).toThrow(refused);
    const flat = input("t", [B, K]);
    expect(() => crossCropEntropy({ ...settings, student: crops(5), targets: flat })).toThrow(refused);
    const vector = [input("z", [K])];
    expect(() => crossCropEntropy({ ...settings, student: vector, targets: three })).toThrow(/\[B, K\] or/);
  });
});

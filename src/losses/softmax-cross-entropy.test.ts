import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runTwice } from "../../test/support/run-twice.ts";
import { compile, constant, gradients, input } from "../tensor/index.ts";
import { softmaxCrossEntropy, softmaxCrossEntropyWithAccuracy } from "./softmax-cross-entropy.ts";

const CLASSES = 5;
const LABELS = [4, 0, 2, 2];
const values = deterministic("ce.logits", LABELS.length * CLASSES, 3);

function formula(logits: readonly number[]): number {
  const terms = LABELS.map((label, b) => {
    const row = logits.slice(b * CLASSES, (b + 1) * CLASSES);
    return Math.log(row.reduce((total, z) => total + Math.exp(z), 0)) - row[label]!;
  });
  return terms.reduce((a, b) => a + b) / terms.length;
}

async function evaluate(logits: Float32Array, dtype: "int32" | "int64" = "int64") {
  const x = input("x", [LABELS.length, CLASSES]);
  const loss = softmaxCrossEntropy(x, constant(LABELS, [LABELS.length], dtype));
  const got = await runTwice(compile({ loss, gx: gradients(loss, [x])[0]! }), { x: logits });
  return { loss: (got.loss as Float32Array)[0]!, gx: got.gx as Float32Array };
}

describe("softmaxCrossEntropy", () => {
  test.each(["int32", "int64"] as const)(
    "is the mean negative log-probability of %s labels, in value and gradient",
    async (dtype) => {
      const { loss, gx } = await evaluate(values, dtype);
      expect(relativeError([loss], [formula(Array.from(values))])).toBeLessThan(1e-5);
      expect(relativeError(gx, finiteDifferences(formula, values))).toBeLessThan(1e-5);
    },
  );

  test("does not change when a number is added to all logits, large as it may be", async () => {
    const { loss } = await evaluate(values.map((value) => value + 1000));
    expect(loss).toBeCloseTo(formula(Array.from(values)), 3);
  });

  test("is ln K for logits that are all equal", async () => {
    expect((await evaluate(new Float32Array(values.length).fill(7))).loss).toBeCloseTo(Math.log(CLASSES), 6);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate(values)).toEqual(await evaluate(values));
  });

  test("refuses labels that are not one integer a row", () => {
    const logits = input("x", [4, 5]);
    expect(() => softmaxCrossEntropy(logits, input("l", [3], "int64"))).toThrow(/integer labels \[B\]/);
    expect(() => softmaxCrossEntropy(logits, input("l", [4]))).toThrow(/float32\[4\]/);
  });
});

describe("softmaxCrossEntropyWithAccuracy", () => {
  async function evaluateBoth(logits: readonly number[], dtype: "int32" | "int64" = "int64") {
    const [x, labels] = [input("x", [LABELS.length, CLASSES]), constant(LABELS, [LABELS.length], dtype)];
    const result = softmaxCrossEntropyWithAccuracy(x, labels);
    const program = compile({ ...result, alone: softmaxCrossEntropy(x, labels) });
    const got = await runTwice(program, { x: Float32Array.from(logits) });
    return Object.fromEntries(
      Object.entries(got).map(([name, data]) => [name, (data as Float32Array)[0]!]),
    ) as Record<"loss" | "accuracy" | "alone", number>;
  }

  /** Logits whose largest one in each row is that of the class named. */
  const winning = (classes: readonly number[]) =>
    classes.flatMap((winner, b) =>
      Array.from({ length: CLASSES }, (_, k) => (k === winner ? 2 : k / 10 - b)),
    );

  test.each([
    { classes: LABELS, share: 1 },
    { classes: [4, 0, 2, 3], share: 0.75 },
    { classes: [0, 4, 2, 1], share: 0.25 },
    { classes: [0, 1, 3, 4], share: 0 },
  ])("counts the rows whose label wins: $share of $classes", async ({ classes, share }) => {
    for (const dtype of ["int32", "int64"] as const)
      expect((await evaluateBoth(winning(classes), dtype)).accuracy).toBe(share);
  });

  test("counts the first of equal logits as the largest", async () => {
    const { accuracy } = await evaluateBoth(new Array(LABELS.length * CLASSES).fill(3));
    expect(accuracy).toBe(1 / 4); // the label 0 of row 1
  });

  test("counts what is nearer to zero as larger, where all logits are negative", async () => {
    const low = winning([4, 0, 2, 3]).map((logit) => logit - 100);
    expect((await evaluateBoth(low)).accuracy).toBe(0.75);
  });

  test("has the loss of softmaxCrossEntropy", async () => {
    const { loss, alone } = await evaluateBoth(Array.from(values));
    expect(loss).toBe(alone);
    expect(loss).toBeCloseTo(formula(Array.from(values)), 5);
  });
});

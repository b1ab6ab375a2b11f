import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, gradients, input } from "../tensor/index.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

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
  const got = await runOnce(compile({ loss, gx: gradients(loss, [x])[0]! }), { x: logits });
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

  test("refuses labels that are not one integer a row", () => {
    const logits = input("x", [4, 5]);
    expect(() => softmaxCrossEntropy(logits, input("l", [3], "int64"))).toThrow(/integer labels \[B\]/);
    expect(() => softmaxCrossEntropy(logits, input("l", [4]))).toThrow(/float32\[4\]/);
  });
});

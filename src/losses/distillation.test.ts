import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { input } from "../tensor/index.ts";
import { distillation } from "./distillation.ts";

const [B, K] = [3, 4];
const student = deterministic("distil.student", B * K, 3);
const teacher = deterministic("distil.teacher", B * K, 3);

/** Equation 2 of SimCLR v2: P(y|x) = exp(f[y] / τ) / Σ exp(f[y'] / τ), and the mean over pictures. */
function formula(s: ArrayLike<number>, t: ArrayLike<number>, temperature: number): number {
  const probability = (f: ArrayLike<number>, b: number, y: number) => {
    const powers = Array.from({ length: K }, (_, k) => Math.exp(f[b * K + k]! / temperature));
    return powers[y]! / powers.reduce((sum, value) => sum + value);
  };
  let total = 0;
  for (let b = 0; b < B; b++)
    for (let y = 0; y < K; y++) total -= probability(t, b, y) * Math.log(probability(s, b, y));
  return total / B;
}

const evaluate = (s: ArrayLike<number>, t: ArrayLike<number>, temperature: number) =>
  evaluateLoss({ s: leaf(s, B, K), t: leaf(t, B, K) }, (x) => ({
    loss: distillation({ student: x.s, teacher: x.t, temperature }),
  }));

describe("distillation", () => {
  test.each([0.3, 1, 4])(
    "is equation 2 at temperature %s, in value and gradient; the teacher gets none",
    async (tau) => {
      const got = await evaluate(student, teacher, tau);
      expect(relativeError(got.loss, [formula(student, teacher, tau)])).toBeLessThan(1e-5);
      const slopes = finiteDifferences((s) => formula(s, teacher, tau), student);
      expect(relativeError(got["grad/s"], slopes)).toBeLessThan(1e-5);
      expect(got["grad/t"]).toEqual(new Array(B * K).fill(0));
    },
  );

  test("has no gradient where the student has the teacher's outputs, up to a number added to all logits", async () => {
    const got = await evaluate(
      teacher.map((z) => z + 5),
      teacher,
      2,
    );
    for (const slope of got["grad/s"]) expect(Math.abs(slope)).toBeLessThan(1e-6);
  });

  test("refuses what does not fit", () => {
    const logits = input("s", [B, K]);
    const of =
      (other: typeof logits, temperature = 1) =>
      () =>
        distillation({ student: logits, teacher: other, temperature });
    expect(of(input("t", [B, 5]))).toThrow("student and teacher");
    expect(of(logits, 0)).toThrow("a temperature");
  });
});

import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOptimizer } from "../../test/support/run-optimizer.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input, scalar } from "../tensor/index.ts";
import { type AdamwOptions, adamw } from "./adamw.ts";

const STEPS = 10;
const SIZE = 6;
const rates = Array.from({ length: STEPS }, (_, t) => 0.05 / (t + 1));
const decays = Array.from({ length: STEPS }, (_, t) => 0.1 * t);
/** Element 0 has gradients so small that epsilon decides. */
const gradient = (step: number) =>
  deterministic(`adamw.grad.${step}`, SIZE).map((value, i) => (i === 0 ? value * 1e-8 : value));
const start = deterministic("adamw.p", SIZE);

async function trace(options: AdamwOptions, hasDecay = true, grads = gradient): Promise<Float32Array[]> {
  const parameter = { name: "p", shape: [3, 2], start, decays: hasDecay, gradient: grads };
  return (await runOptimizer(adamw(options), [parameter], { rates, decays })).get("p")!;
}

/** One element by the algorithm of torch.optim.AdamW's page. */
function reference(options: AdamwOptions, element: number, hasDecay: boolean): number[] {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  let [p, m, v] = [start[element]!, 0, 0];
  return rates.map((rate, i) => {
    const [g, t] = [gradient(i)[element]!, i + 1];
    if (hasDecay) p -= rate * decays[i]! * p;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    p -= (rate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon);
    return p;
  });
}

describe("adamw", () => {
  test.each<AdamwOptions>([{}, { beta1: 0.9, beta2: 0.95 }, { beta1: 0, beta2: 0.9999, epsilon: 1e-3 }])(
    "takes the ten steps of torch.optim.AdamW with %o",
    async (options) => {
      for (const hasDecay of [true, false]) {
        const steps = await trace(options, hasDecay);
        for (let element = 0; element < SIZE; element++) {
          const expected = reference(options, element, hasDecay);
          expect(
            relativeError(
              steps.map((values) => values[element]!),
              expected,
            ),
          ).toBeLessThan(1e-5);
        }
      }
    },
  );

  test("moves by the learning rate in its first step, towards the gradient's sign, whatever its size", async () => {
    const [first] = await trace({}, false, () => Float32Array.of(1e-4, -1e-4, 1, -1, 1e4, -1e4));
    const signs = [1, -1, 1, -1, 1, -1];
    const moves = Array.from(first!, (value, i) => (start[i]! - value) / rates[0]!);
    expect(relativeError(moves, signs)).toBeLessThan(2e-4); // 1e-8 of epsilon beside 1e-4
  });

  test.each([1, 2, 1000, 1_000_000])(
    "corrects the bias of its averages at step %i to float32's precision",
    async (step) => {
      // With β₁ = 0, ε = 0 and a mean square of 0 before, the step is rate · g / √((1 - β₂)g² / (1 - β₂ᵗ)).
      const one = (name: string) => input(name, [1]);
      const { value } = adamw({ beta1: 0, epsilon: 0 }).update(
        { value: one("p"), grad: one("g"), slots: { mean: one("m"), meanSquare: one("v") }, decays: false },
        { learningRate: scalar(1), weightDecay: scalar(0), step: input("step", []) },
      );
      const zero = new Float32Array(1);
      const feeds = { p: zero, g: Float32Array.of(1), m: zero, v: zero, step: Float32Array.of(step) };
      const got = (await runOnce(compile({ value }), feeds)).value as Float32Array;
      expect(relativeError(got, [-Math.sqrt((1 - 0.999 ** step) / (1 - 0.999))])).toBeLessThan(2e-6);
    },
  );

  test("refuses coefficients that make no optimiser", () => {
    expect(() => adamw({ beta1: 1 })).toThrow(/beta1 is out of range/);
    expect(() => adamw({ beta2: -0.1 })).toThrow(/beta2 is out of range/);
    expect(() => adamw({ epsilon: -1 })).toThrow(/epsilon is out of range; expected at least 0; got -1/);
  });
});

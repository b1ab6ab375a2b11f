import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOptimizer } from "../../test/support/run-optimizer.ts";
import { type SgdOptions, sgd } from "./sgd.ts";

const STEPS = 10;
const SIZE = 6;
const rates = Array.from({ length: STEPS }, (_, t) => 0.3 / (t + 1));
const decays = Array.from({ length: STEPS }, (_, t) => 0.02 * t);
const gradient = (step: number) => deterministic(`sgd.grad.${step}`, SIZE);

function trace(options: SgdOptions, hasDecay = true) {
  const parameter = {
    name: "p",
    shape: [2, 3],
    start: deterministic("sgd.p", SIZE),
    decays: hasDecay,
    gradient,
  };
  return runOptimizer(sgd(options), [parameter], { rates, decays }).then((all) => all.get("p")!);
}

/** One element by the update of torch.optim.SGD's page. */
function reference(options: SgdOptions, element: number, hasDecay: boolean): number[] {
  const { momentum = 0.9, nesterov = false, dampening = 0 } = options;
  let [p, buffer] = [deterministic("sgd.p", SIZE)[element]!, 0];
  return rates.map((rate, t) => {
    const g = gradient(t)[element]! + (hasDecay ? decays[t]! * p : 0);
    buffer = t === 0 ? g : momentum * buffer + (1 - dampening) * g;
    const plain = momentum === 0;
    p -= rate * (plain ? g : nesterov ? g + momentum * buffer : buffer);
    return p;
  });
}

describe("sgd", () => {
  test.each<SgdOptions>([
    { momentum: 0 },
    { momentum: 0.9 },
    { momentum: 0.9, nesterov: true },
    { momentum: 0.8, dampening: 0.5 },
  ])("takes the ten steps of torch.optim.SGD with %o", async (options) => {
    for (const hasDecay of [true, false]) {
      const steps = await trace(options, hasDecay);
      const expected = Array.from({ length: SIZE }, (_, i) => reference(options, i, hasDecay));
      for (const [t, values] of steps.entries())
        expect(
          relativeError(
            values,
            expected.map((line) => line[t]!),
          ),
        ).toBeLessThan(1e-5);
    }
  });

  test("moves by rate · gradient in its first step, whatever the momentum and the dampening", async () => {
    const [first] = await trace({ momentum: 0.7, dampening: 0.4 }, false);
    const expected = deterministic("sgd.p", SIZE).map((p, i) => p - rates[0]! * gradient(0)[i]!);
    expect(relativeError(first!, expected)).toBeLessThan(1e-6);
  });

  test("keeps nothing between steps without momentum", () => {
    expect(sgd({ momentum: 0 }).slots([2])).toEqual([]);
    expect(sgd().slots([2])).toEqual(["momentum"]);
  });

  test("refuses coefficients that make no optimiser", () => {
    expect(() => sgd({ momentum: 1 })).toThrow(
      /momentum is out of range; expected at least 0 and below 1; got 1/,
    );
    expect(() => sgd({ momentum: Number.NaN })).toThrow(/momentum/);
    expect(() => sgd({ dampening: -0.1 })).toThrow(/dampening/);
    expect(() => sgd({ momentum: 0, nesterov: true })).toThrow(/Nesterov/);
    expect(() => sgd({ nesterov: true, dampening: 0.1 })).toThrow(/no dampening/);
  });
});

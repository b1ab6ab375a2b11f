import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOptimizer } from "../../test/support/run-optimizer.ts";
import { type LarsOptions, lars } from "./lars.ts";

const STEPS = 10;
const SIZE = 6;
const rates = Array.from({ length: STEPS }, (_, t) => 8 / (t + 1));
const decays = Array.from({ length: STEPS }, (_, t) => 0.02 * t);
const gradient = (step: number) => deterministic(`lars.grad.${step}`, SIZE);
const start = deterministic("lars.p", SIZE);

interface Case {
  decays?: boolean;
  start?: Float32Array;
  gradient?: (step: number) => Float32Array;
}

async function trace(options: LarsOptions, given: Case = {}): Promise<Float32Array[]> {
  const parameter = { name: "p", shape: [3, 2], start, decays: true, gradient, ...given };
  return (await runOptimizer(lars(options), [parameter], { rates, decays })).get("p")!;
}

/** The steps of `apply_gradients` with classic momentum, in SimCLR's lars_optimizer.py. */
function reference(
  options: LarsOptions,
  adapts: boolean,
  hasDecay: boolean,
  eeta = options.eta ?? 0.001,
): number[][] {
  let p = Array.from(start);
  let v = p.map(() => 0);
  return rates.map((rate, t) => {
    const g = p.map((value, i) => gradient(t)[i]! + (hasDecay ? decays[t]! * value : 0));
    const scaled = rate * (adapts ? (eeta * Math.hypot(...p)) / Math.hypot(...g) : 1);
    const momentum = options.momentum ?? 0.9;
    v = v.map((value, i) => momentum * value + scaled * g[i]!);
    p = p.map((value, i) => value - (options.nesterov ? momentum * v[i]! + scaled * g[i]! : v[i]!));
    return p;
  });
}

describe("lars", () => {
  test.each<LarsOptions>([{}, { nesterov: true }, { momentum: 0.5, eta: 0.02 }])(
    "takes the ten steps of SimCLR's optimiser with %o",
    async (options) => {
      const expected = reference(options, true, true);
      for (const [t, values] of (await trace(options)).entries())
        expect(relativeError(values, expected[t]!)).toBeLessThan(1e-5);
    },
  );

  test("neither decays nor adapts what is excluded, unless asked to adapt it", async () => {
    const [plain, adapted] = [reference({}, false, false), reference({}, true, false)];
    for (const [t, values] of (await trace({}, { decays: false })).entries())
      expect(relativeError(values, plain[t]!)).toBeLessThan(1e-5);
    for (const [t, values] of (await trace({ adaptExcluded: true }, { decays: false })).entries())
      expect(relativeError(values, adapted[t]!)).toBeLessThan(1e-5);
  });

  test("moves by the same amount whatever the scale of the gradient, while nothing decays", async () => {
    const loud = (step: number) => gradient(step).map((value) => value * 1000);
    const [quiet] = await trace({});
    const [scaled] = await trace({}, { gradient: loud });
    expect(relativeError(scaled!, quiet!)).toBeLessThan(1e-6);
  });

  test("has a trust ratio of 1 where the weights or the gradient are zero", async () => {
    const zeros = new Float32Array(SIZE);
    const [fromZero] = await trace({}, { start: zeros });
    expect(
      relativeError(
        fromZero!,
        gradient(0).map((g) => -rates[0]! * g),
      ),
    ).toBeLessThan(1e-6);
    const still = await trace({}, { gradient: () => zeros, start: zeros });
    expect(still.every((values) => values.every((value) => value === 0))).toBe(true);
    const [unmoved] = await trace({}, { gradient: () => zeros });
    expect(unmoved).toEqual(start);
  });

  test("refuses coefficients that make no optimiser", () => {
    expect(() => lars({ eta: 0 })).toThrow(/eta is out of range; expected above 0; got 0/);
    expect(() => lars({ momentum: -0.1 })).toThrow(/momentum is out of range/);
  });
});

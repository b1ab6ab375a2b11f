import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOptimizer } from "../../test/support/run-optimizer.ts";
import { larc } from "./larc.ts";

const STEPS = 10;
const rates = Array.from({ length: STEPS }, (_, t) => 8 / (t + 1));
const decays = Array.from({ length: STEPS }, (_, t) => 0.02 * t);
const gradient = (step: number) => deterministic(`larc.grad.${step}`, 6);
const start = deterministic("larc.p", 6);

async function trace(given: { decays?: boolean; start?: Float32Array } = {}): Promise<Float32Array[]> {
  const parameter = { name: "p", shape: [3, 2], start, decays: true, gradient, ...given };
  return (await runOptimizer(larc(), [parameter], { rates, decays })).get("p")!;
}

/** `step` of apex's LARC without clipping, and that of `torch.optim.SGD` with momentum .9 after it. */
function reference(from: Float32Array, hasDecay = true): number[][] {
  let p = Array.from(from);
  let v = p.map(() => 0);
  return rates.map((rate, t) => {
    let g = Array.from(gradient(t));
    const [size, slope] = [Math.hypot(...p), Math.hypot(...g)];
    const decay = hasDecay ? decays[t]! : 0;
    if (size !== 0 && slope !== 0) {
      const adaptive = (0.001 * size) / (slope + size * decay + 1e-8);
      g = g.map((value, i) => (value + decay * p[i]!) * adaptive);
    }
    v = v.map((value, i) => 0.9 * value + g[i]!);
    p = p.map((value, i) => value - rate * v[i]!);
    return p;
  });
}

describe("larc", () => {
  test.each([
    { title: "with decay", given: {} },
    { title: "without", given: { decays: false } },
    { title: "from zeros, which are not adapted at first", given: { start: new Float32Array(6) } },
  ])("takes the ten steps of apex's LARC around SGD $title", async ({ given }) => {
    const expected = reference(given.start ?? start, given.decays);
    for (const [t, values] of (await trace(given)).entries())
      expect(relativeError(values, expected[t]!)).toBeLessThan(1e-5);
  });

  test("refuses coefficients out of range", () => {
    expect(() => larc({ momentum: 1 })).toThrow(/momentum is out of range/);
    expect(() => larc({ eta: 0 })).toThrow(/eta is out of range/);
  });
});

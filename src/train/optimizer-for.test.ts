import { expect, it } from "vitest";
import { relativeError } from "../../test/support/probe.ts";
import { runOptimizer } from "../../test/support/run-optimizer.ts";
import { optimizerFor } from "./optimizer-for.ts";

/** The value of a parameter without decay after two steps with gradients of 1, at rates of 1 and then .1. */
async function secondPlace(rateInMomentum: boolean): Promise<Float32Array> {
  const rule = optimizerFor({ optimizer: "lars", nesterov: false, rateInMomentum, beta2: 0.999 });
  const parameter = {
    ...{ name: "p", shape: [1], start: Float32Array.of(0), decays: false },
    gradient: () => Float32Array.of(1),
  };
  const places = await runOptimizer(rule, [parameter], { rates: [1, 0.1], decays: [0, 0] });
  return places.get("p")![1]!;
}

it("lets the rate into LARS's momentum, or multiplies the momentum by it", async () => {
  expect(relativeError(await secondPlace(true), [-(1 + (0.9 * 1 + 0.1))])).toBeLessThan(1e-6);
  expect(relativeError(await secondPlace(false), [-(1 + 0.1 * (0.9 + 1))])).toBeLessThan(1e-6);
});

it.each(["sgd", "lars", "larc", "adamw", "muon"] as const)("finds %s by its name", (optimizer) => {
  const rule = optimizerFor({ optimizer, nesterov: false, rateInMomentum: true, beta2: 0.999 });
  expect(rule.name).toBe(optimizer);
});

import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { openUniform, standardNormal } from "./standard-normal.ts";

/**
 * One draw from N(0, 1) given that it lies in [low, high] (in standard deviations; low < high, either may be
 * infinite), by rejection that accepts at least one draw in five for any window.
 *
 * Source: C. P. Robert, "Simulation of truncated normal variables" (1995), sections 2.1 and 2.2.
 */
export function standardTruncatedNormal(generator: RandomGenerator, low: number, high: number): number {
  if (high < 0) return -standardTruncatedNormal(generator, -high, -low);
  if (low > 0.5) return fromTail(generator, low, high);
  return high - low > 1 ? fromNormal(generator, low, high) : fromUniform(generator, low, high);
}

function fromNormal(generator: RandomGenerator, low: number, high: number): number {
  for (;;) {
    const x = standardNormal(generator);
    if (x >= low && x <= high) return x;
  }
}

/**
 * A narrow window near the centre: uniform proposals, kept with the density relative to its largest value.
 */
function fromUniform(generator: RandomGenerator, low: number, high: number): number {
  const peak = Math.max(low, 0);
  for (;;) {
    const x = low + (high - low) * openUniform(generator);
    if (openUniform(generator) < Math.exp((peak * peak - x * x) / 2)) return x;
  }
}

/** A window in the right tail: exponential proposals of rate `low`, cut at `high`. */
function fromTail(generator: RandomGenerator, low: number, high: number): number {
  const cut = -Math.expm1(-low * (high - low)); // share of the exponential below `high`
  for (;;) {
    const beyond = -Math.log1p(-cut * openUniform(generator)) / low;
    if (openUniform(generator) < Math.exp(-(beyond * beyond) / 2)) return Math.min(low + beyond, high);
  }
}

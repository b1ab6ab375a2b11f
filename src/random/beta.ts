import { AfterimageError } from "../errors.ts";
import type { RandomStream } from "./random-stream.ts";

/**
 * One draw from Beta(a, b), in [0, 1], with mean a / (a + b). It is X / (X + Y) for X from Gamma(a) and Y
 * from Gamma(b), with both as logarithms: for small a and b, such as 0.1, they are too small for a float64.
 *
 * @param a above 0.
 * @param b above 0.
 * @throws AfterimageError `usage/value` for others.
 */
export function drawBeta(random: RandomStream, a: number, b: number): number {
  for (const shape of [a, b]) requireShape(shape);
  const [x, y] = [logGamma(random, a), logGamma(random, b)];
  return 1 / (1 + Math.exp(y - x));
}

/**
 * The logarithm of a draw from Gamma(shape). Below 1 by Gamma(shape + 1) · U^(1 / shape).
 *
 * Source: G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables" (2000).
 */
function logGamma(random: RandomStream, shape: number): number {
  if (shape < 1) return logGamma(random, shape + 1) + Math.log(above0(random)) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(above0(random)) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/** Uniform in (0, 1]. */
function above0(random: RandomStream): number {
  return 1 - random.uniform();
}

function requireShape(shape: number): void {
  if (shape > 0 && Number.isFinite(shape)) return;
  throw new AfterimageError("usage/value", {
    what: "a parameter of a Beta distribution is out of range",
    expected: "a finite number above 0",
    got: String(shape),
  });
}

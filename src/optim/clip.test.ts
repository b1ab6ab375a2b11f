import { describe, expect, test } from "vitest";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { clipEach, clipGlobal } from "./clip.ts";
import { globalNorm } from "./norm.ts";

/** Norms 5 and 12, together 13. */
const A = [3, 4];
const B = [0, -12, 0];

async function clipped(method: typeof clipEach, limit: number, a = A, b = B) {
  const grads = [input("a", [2]), input("b", [3])];
  const [ca, cb] = method(grads, input("limit", []));
  const feeds = { a: Float32Array.from(a), b: Float32Array.from(b), limit: Float32Array.of(limit) };
  const got = await runOnce(compile({ clippedA: ca!, clippedB: cb!, norm: globalNorm(grads) }), feeds);
  const numbers = (name: string) => Array.from(got[name] as Float32Array);
  return { a: numbers("clippedA"), b: numbers("clippedB"), norm: numbers("norm")[0]! };
}

const scaled = (values: readonly number[], factor: number) => values.map((value) => value * factor);

describe("clipEach", () => {
  test("brings each gradient to the limit by its own norm, and leaves the shorter ones to the bit", async () => {
    const { a, b } = await clipped(clipEach, 6);
    expect(a).toEqual(A);
    expect(relativeError(b, scaled(B, 6 / (12 + 1e-6)))).toBeLessThan(1e-6);
  });
});

describe("clipGlobal", () => {
  test("scales all gradients by one factor", async () => {
    const { a, b, norm } = await clipped(clipGlobal, 6.5);
    expect(norm).toBeCloseTo(13, 5);
    expect(relativeError(a, scaled(A, 0.5))).toBeLessThan(1e-6);
    expect(relativeError(b, scaled(B, 0.5))).toBeLessThan(1e-6);
  });

  test("changes nothing below the limit, to the bit", async () => {
    const { a, b } = await clipped(clipGlobal, 13.1);
    expect([a, b]).toEqual([A, B]);
  });

  test("leaves gradients of zero alone", async () => {
    const { a, b } = await clipped(clipGlobal, 1, [0, 0], [0, 0, 0]);
    expect([...a, ...b].every((value) => value === 0)).toBe(true);
  });

  test("of no gradients is none", () => {
    expect(clipGlobal([], 1)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, gradients, input, mul, sum } from "../tensor/index.ts";
import { pickTokens } from "./pick-tokens.ts";

const [B, N, D] = [2, 5, 3];
const tokens = deterministic("pick-tokens", B * N * D);

/** Picked tokens and the gradient of `Σ picked · R` by all of them. */
async function pick(places: readonly (readonly number[])[]) {
  const n = places[0]!.length;
  const [x, at, weights] = [input("x", [B, N, D]), input("at", [B, n], "int32"), input("R", [B, n, D])];
  const picked = pickTokens(x, at);
  const [gradient] = gradients(sum(mul(picked, weights)), [x]);
  const R = deterministic("pick-tokens.R", B * n * D);
  const feeds = { x: tokens, at: Int32Array.from(places.flat()), R };
  const results = await runOnce(compile({ picked, gradient: gradient! }), feeds);
  return { picked: results.picked as Float32Array, gradient: results.gradient as Float32Array, R };
}

describe("pickTokens", () => {
  it("gives each picture's tokens at its own places", async () => {
    const places = [
      [4, 0],
      [1, 2],
    ];
    const { picked } = await pick(places);
    const expected = places.flatMap((row, b) =>
      row.flatMap((place) => [...tokens.subarray((b * N + place) * D, (b * N + place + 1) * D)]),
    );
    expect([...picked]).toEqual(expected);
  });

  it("adds gradients back to where tokens came from, also of a token picked twice, and to no others", async () => {
    const places = [
      [4, 0, 4],
      [1, 2, 3],
    ];
    const { gradient, R } = await pick(places);
    const expected = new Float32Array(B * N * D);
    for (const [b, row] of places.entries())
      for (const [i, place] of row.entries())
        for (let d = 0; d < D; d++) expected[(b * N + place) * D + d]! += R[(b * 3 + i) * D + d]!;
    for (const [i, value] of expected.entries()) expect(gradient[i]).toBeCloseTo(value, 6);
  });

  it("puts back in order what it picked, by the inverse of the places", async () => {
    const order = [3, 1, 4, 0, 2];
    const inverse = order.map((_, thing) => order.indexOf(thing));
    const x = input("x", [B, N, D]);
    const [there, back] = [order, inverse].map(
      (row, i) => [`at${i}`, Int32Array.from([...row, ...row])] as const,
    );
    const again = pickTokens(pickTokens(x, input("at0", [B, N], "int32")), input("at1", [B, N], "int32"));
    const results = await runOnce(compile({ again }), {
      x: tokens,
      [there![0]]: there![1],
      [back![0]]: back![1],
    });
    expect(results.again).toEqual(tokens);
  });
});

import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { cosineSimilarity } from "./cosine-similarity.ts";

test("cosineSimilarity is the dot product over the product of the norms", async () => {
  const [a, b] = [deterministic("cos.a", 15), deterministic("cos.b", 15)];
  const program = compile({ cosine: cosineSimilarity(input("a", [3, 5]), input("b", [3, 5])) });
  const { cosine } = await runOnce(program, { a, b });
  const expected = [0, 1, 2].map((row) => {
    const [u, v] = [a, b].map((x) => Array.from(x.subarray(row * 5, row * 5 + 5)));
    return (
      u!.reduce((total, value, i) => total + value * v![i]!, 0) / (Math.hypot(...u!) * Math.hypot(...v!))
    );
  });
  expect(relativeError(cosine as Float32Array, expected)).toBeLessThan(1e-5);
});

test("parallel, opposite, orthogonal and zero vectors have cosines 1, -1, 0 and 0", async () => {
  const program = compile({ cosine: cosineSimilarity(input("a", [4, 2]), input("b", [4, 2])) });
  const { cosine } = await runOnce(program, {
    a: Float32Array.of(1, 2, 1, 2, 1, 2, 0, 0),
    b: Float32Array.of(10, 20, -3, -6, 2, -1, 1, 1),
  });
  expect(Array.from(cosine as Float32Array, (value) => Math.round(value * 1e6) / 1e6)).toEqual([1, -1, 0, 0]);
});

import { expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { globalNorm, norm } from "./norm.ts";

test("norm and globalNorm are Euclidean, over tensors of any rank", async () => {
  const [a, b, c] = [input("a", []), input("b", [2]), input("c", [1, 2, 2])];
  const feeds = { a: Float32Array.of(-2), b: Float32Array.of(3, 4), c: Float32Array.of(1, 1, 1, -1) };
  const program = compile({ na: norm(a), nb: norm(b), nc: norm(c), all: globalNorm([a, b, c]) });
  const got = await runOnce(program, feeds);
  expect(["na", "nb", "nc"].map((name) => got[name]![0])).toEqual([2, 5, 2]);
  expect(relativeError(got.all as Float32Array, [Math.sqrt(33)])).toBeLessThan(1e-6);
});

test("the norm of a large tensor keeps float32's digits", async () => {
  const values = deterministic("norm.large", 2048 * 1024, 3);
  const expected = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  const got = await runOnce(compile({ norm: norm(input("x", [2048, 1024])) }), { x: values });
  expect(relativeError(got.norm as Float32Array, [expected])).toBeLessThan(1e-6);
});

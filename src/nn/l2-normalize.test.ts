import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, gradients, input, mul, sum } from "../tensor/index.ts";
import { l2Normalize } from "./l2-normalize.ts";

const SHAPE = [3, 4, 2];
const values = deterministic("l2.x", 24);
const weights = deterministic("l2.w", 24);

/** Σ w·x/‖x‖ with the norm along one axis of [3, 4, 2]. */
function weighted(x: readonly number[], axis: number): number {
  const stride = SHAPE.slice(axis + 1).reduce((a, b) => a * b, 1);
  const line = (i: number) => i - (Math.floor(i / stride) % SHAPE[axis]!) * stride;
  const squares = new Map<number, number>();
  for (const [i, v] of x.entries()) squares.set(line(i), (squares.get(line(i)) ?? 0) + v * v);
  return x.reduce((total, v, i) => total + (weights[i]! * v) / Math.sqrt(squares.get(line(i))!), 0);
}

function graph(shape: readonly number[], axis: number, epsilon?: number) {
  const x = input("x", shape);
  const y = l2Normalize(x, axis, epsilon);
  const w = constant(weights.subarray(0, x.size), shape);
  const loss = sum(mul(y, w));
  return { x, y, loss, gx: gradients(loss, [x])[0]! };
}

describe("l2Normalize", () => {
  test.each([0, 1, 2, -1])("divides by the norm along axis %i, and so does its gradient", async (axis) => {
    const { loss, gx } = graph(SHAPE, axis);
    const got = await runOnce(compile({ loss, gx }), { x: values });
    const formula = (x: readonly number[]) => weighted(x, axis < 0 ? axis + 3 : axis);
    expect(relativeError(got.loss as Float32Array, [formula(Array.from(values))])).toBeLessThan(1e-5);
    expect(relativeError(got.gx as Float32Array, finiteDifferences(formula, values))).toBeLessThan(1e-5);
  });

  test("gives vectors of length one, whatever the scale of the input", async () => {
    const { y } = graph([2, 2], -1);
    const got = await runOnce(compile({ y }), { x: Float32Array.of(3, 4, 3e-9, 4e-9) });
    expect(relativeError(got.y as Float32Array, [0.6, 0.8, 0.6, 0.8])).toBeLessThan(1e-6);
  });

  test("leaves a zero vector zero, with the gradient g / epsilon", async () => {
    const { y, gx } = graph([1, 4], -1, 1e-3);
    const got = await runOnce(compile({ y, gx }), { x: new Float32Array(4) });
    expect(Array.from(got.y as Float32Array)).toEqual([0, 0, 0, 0]);
    expect(
      relativeError(
        got.gx as Float32Array,
        Array.from(weights.slice(0, 4), (w) => w * 1e3),
      ),
    ).toBeLessThan(1e-6);
  });

  test("only divides by epsilon where the norm is below it", async () => {
    const { y, gx } = graph([1, 4], -1, 10);
    const got = await runOnce(compile({ y, gx }), { x: Float32Array.of(1, -2, 0, 2) });
    expect(relativeError(got.y as Float32Array, [0.1, -0.2, 0, 0.2])).toBeLessThan(1e-6);
    expect(
      relativeError(
        got.gx as Float32Array,
        weights.slice(0, 4).map((w) => w / 10),
      ),
    ).toBeLessThan(1e-6);
  });

  test("can be differentiated twice", async () => {
    const { x, gx } = graph([1, 4], -1);
    const probe = deterministic("l2.probe", 4);
    const hessianProduct = gradients(sum(mul(gx, constant(probe, [1, 4]))), [x])[0]!;
    const at = values.slice(0, 4);
    const got = await runOnce(compile({ hessianProduct }), { x: at });
    // d/dx Σ w·x/‖x‖ = w/n - (w·x)·x/n³, along the probe
    const slope = (v: readonly number[]) => {
      const n = Math.hypot(...v);
      const wx = v.reduce((total, value, i) => total + value * weights[i]!, 0);
      return v.reduce((total, value, i) => total + probe[i]! * (weights[i]! / n - (wx * value) / n ** 3), 0);
    };
    expect(relativeError(got.hessianProduct as Float32Array, finiteDifferences(slope, at))).toBeLessThan(
      1e-4,
    );
  });
});

import { describe, expect, it } from "vitest";
import { runOnce } from "../runtime/session.ts";
import { topologicalOrder } from "./gradient.ts";
import {
  add,
  argmax,
  cast,
  compile,
  constant,
  exp,
  floor,
  gradients,
  gradientsFrom,
  input,
  labelled,
  mul,
  neg,
  sin,
  stopGradient,
  sum,
  type Tensor,
  transpose,
  where,
  withDerivative,
} from "./index.ts";
import { greater } from "./ops/elementwise.ts";
import { apply1, type Operator } from "./tensor.ts";

async function compute(tensor: Tensor, feeds: Record<string, Float32Array> = {}): Promise<number[]> {
  const { value } = await runOnce(compile({ value: tensor }), feeds, { threads: 1 });
  return Array.from(value!, Number);
}

/** An operator on `[2, 3]` tensors with a rule of the test's choice. */
function operatorWithRule(rule: (g: Tensor) => readonly (Tensor | null)[]): Operator<null> {
  return {
    name: "crooked",
    infer: ([x]) => [x!],
    gradient: { rule: ({ grads: [g] }) => rule(g!) },
    emit: (_emitter, [x]) => [x!],
  };
}

describe("a wrong derivative rule is caught, and its operator named", () => {
  const wrong: [string, (g: Tensor) => readonly (Tensor | null)[], string, string][] = [
    ["too few gradients", (g) => [g], "2 gradients", "1"],
    ["too many gradients", (g) => [g, g, g], "2 gradients", "3"],
    ["another shape", (g) => [g, transpose(g)], "float32[2,3] for input 1", "float32[3,2]"],
    ["another rank", (g) => [sum(g), g], "float32[2,3] for input 0", "float32[]"],
    ["another type", (g) => [cast(g, "int64"), g], "float32[2,3] for input 0", "int64[2,3]"],
  ];

  it.each(wrong)("%s", (_, rule, expected, got) => {
    const [a, b] = [input("a", [2, 3]), input("b", [2, 3])];
    const y = labelled("layer1.conv", () => apply1(operatorWithRule(rule), [a, b], null));
    let caught: unknown;
    try {
      gradients(sum(y), [a, b]);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({
      code: "tensor/gradient",
      evidence: { where: "layer1.conv", expected, got },
    });
    expect((caught as Error).message).toContain("the derivative rule of crooked is wrong");
  });

  it("and one that leaves an input without gradient is none", async () => {
    const [a, b] = [input("a", [2, 3]), input("b", [2, 3])];
    const [ga, gb] = gradients(
      sum(
        apply1(
          operatorWithRule((g) => [g, null]),
          [a, b],
          null,
        ),
      ),
      [a, b],
    );
    expect(await compute(ga!)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await compute(gb!)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("what can be differentiated", () => {
  it.each([
    ["a vector", input("x", [2])],
    ["a whole number", sum(input("x", [2], "int64"))],
  ])("%s cannot", (_, loss) => {
    expect(() => gradients(loss, [])).toThrow("only a scalar can be differentiated");
  });

  it("a single element of any rank can", async () => {
    const x = input("x", [1, 1]);
    const [gx] = gradients(mul(x, x), [x]);
    expect(gx!.shape).toEqual([1, 1]);
    expect(await compute(gx!, { x: Float32Array.of(3) })).toEqual([6]);
  });

  it("by whole numbers it cannot be", () => {
    const places = input("places", [2], "int64");
    expect(() => gradients(sum(cast(places, "float32")), [places])).toThrow("float32; got int64[2]");
  });

  it.each([
    ["of another shape", [constant([1, 2, 3], [3])]],
    ["of another type", [constant([1, 2], [2], "int64")]],
    ["of another number", []],
  ])("seeds %s are refused", (_, seeds) => {
    const x = input("x", [2]);
    expect(() => gradientsFrom([neg(x)], seeds, [x])).toThrow("do not match the outputs");
  });
});

describe("gradients", () => {
  const x = input("x", [2]);
  const feeds = { x: Float32Array.of(0.5, -2) };

  it("are zeros for a tensor that the loss does not depend on", async () => {
    const other = input("other", [3, 2]);
    const [g] = gradients(sum(x), [other]);
    expect(g!.shape).toEqual([3, 2]);
    expect(await compute(g!)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("do not pass through stopGradient: of x·stop(x) is x, not 2x", async () => {
    const [g] = gradients(sum(mul(x, stopGradient(x))), [x]);
    expect(await compute(g!, feeds)).toEqual([0.5, -2]);
    const [none] = gradients(sum(stopGradient(mul(x, x))), [x]);
    expect(await compute(none!, feeds)).toEqual([0, 0]);
  });

  it.each([
    ["steps", (t: Tensor) => sum(floor(t))],
    ["indices", (t: Tensor) => cast(argmax(t), "float32")],
    ["conditions", (t: Tensor) => sum(where(greater(t, 0), 1, 2))],
  ])("are zeros through %s", async (_, loss) => {
    const [g] = gradients(loss(x), [x]);
    expect(await compute(g!, feeds)).toEqual([0, 0]);
  });

  it("add up over all paths of a shared subgraph", async () => {
    // y = x², z = y + y·y + sin y: dz/dx = 2x·(1 + 2y + cos y)
    const y = mul(x, x);
    const [g] = gradients(sum(add(add(y, mul(y, y)), sin(y))), [x]);
    const got = await compute(g!, feeds);
    for (const [i, value] of feeds.x.entries()) {
      expect(got[i]).toBeCloseTo(2 * value * (1 + 2 * value ** 2 + Math.cos(value ** 2)), 5);
    }
  });

  it("visit a shared subgraph once: 60 doublings have 2⁶⁰ paths", async () => {
    let y = x;
    for (let i = 0; i < 60; i++) y = add(y, y);
    const [g] = gradients(sum(y), [x]);
    expect(topologicalOrder([g!]).length).toBeLessThan(200);
    expect(await compute(g!)).toEqual([2 ** 60, 2 ** 60]);
  });

  it("are those of a tensor inside the graph too, and of one tensor named twice", async () => {
    const y = exp(x);
    const [gx, gy, again] = gradients(sum(mul(y, y)), [x, y, y]);
    const grown = Array.from(feeds.x, Math.exp);
    for (const [i, value] of grown.entries()) {
      expect((await compute(gy!, feeds))[i]).toBeCloseTo(2 * value, 5);
      expect((await compute(gx!, feeds))[i]).toBeCloseTo(2 * value * value, 5);
    }
    expect(again).toBe(gy);
  });

  it("start from given seeds: the rows of a vector-Jacobian product", async () => {
    const [a, b] = [mul(x, 3), mul(x, x)];
    const [g] = gradientsFrom([a, b], [constant([1, 10], [2]), constant([100, 1000], [2])], [x]);
    // 3·seed + 2x·seed
    expect(await compute(g!, feeds)).toEqual([3 + 100, 30 - 4000]);
  });

  it("follow a given rule instead of the graph that made the value", async () => {
    const y = withDerivative(mul(x, x), [x], (g) => [mul(g, 7)]);
    const [g] = gradients(sum(y), [x]);
    expect(await compute(g!, feeds)).toEqual([7, 7]);
    expect(await compute(y, feeds)).toEqual([0.25, 4]);
  });

  it("refuse a given rule whose gradients do not fit", () => {
    const y = withDerivative(mul(x, x), [x], (g) => [sum(g)]);
    expect(() => gradients(sum(y), [x])).toThrow("the derivative rule of derivative is wrong");
  });

  it("do not need the call stack: 20,000 operators in a row", () => {
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = neg(y);
    const [g] = gradients(sum(y), [x]);
    expect(topologicalOrder([y]).length).toBe(20_001);
    expect(compile({ g: g! }).model.nodes.length).toBeGreaterThan(20_000);
  });

  it("carry the label of the node that they belong to", () => {
    const y = labelled("blocks.3", () => sin(x));
    const [g] = gradients(sum(y), [x]);
    const labels = topologicalOrder([g!]).map((node) => node.label);
    expect(labels).toContain("blocks.3.grad");
  });
});

import { describe, expect, it } from "vitest";
import { runOnce } from "../runtime/session.ts";
import {
  add,
  cast,
  compile,
  concat,
  constant,
  expand,
  full,
  gather,
  gelu,
  input,
  labelled,
  layerNorm,
  matmul,
  mul,
  neg,
  printGraph,
  reshape,
  sliceAxis,
  softmax,
  split,
  sum,
  type Tensor,
  transpose,
} from "./index.ts";

describe("names", () => {
  it("of inputs and outputs are those given, in the order of use", () => {
    const [a, b] = [input("a", [2]), input("b", [2, 1], "int64")];
    const program = compile({ total: add(a, 1), places: neg(b) }, { name: "sums" });
    expect(program.inputs).toEqual([
      { name: "a", shape: [2], dtype: "float32" },
      { name: "b", shape: [2, 1], dtype: "int64" },
    ]);
    expect(program.outputs).toEqual([
      { name: "total", shape: [2], dtype: "float32" },
      { name: "places", shape: [2, 1], dtype: "int64" },
    ]);
    expect(program.model.name).toBe("sums");
  });

  it("of nodes start with where they were made, and are unique", () => {
    const x = input("x", [2]);
    const y = labelled("layer1.0", () => neg(neg(x)));
    const names = compile({ y: neg(y) }).model.nodes.map(({ name }) => name);
    expect(names).toEqual(["layer1.0/Neg", "layer1.0/Neg.1", "/Neg"]);
  });

  it("that two inputs share are refused", () => {
    expect(() => compile({ y: add(input("x", [2]), input("x", [2])) })).toThrow(
      "two graph inputs are called x",
    );
  });

  it("that an input and an output share are refused", () => {
    expect(() => compile({ x: neg(input("x", [2])) })).toThrow(
      "an input and an output of the graph are both called x",
    );
  });

  it("of our own never meet those given", async () => {
    // "constant" and "/Neg" are names that the writer would give itself.
    const x = input("constant", [2]);
    const program = compile({ "constant.1": neg(add(mul(x, 3), 5)), "/Neg": mul(x, 2) });
    const results = await runOnce(program, { constant: Float32Array.of(1, 2) });
    expect(results).toEqual({ "constant.1": Float32Array.of(-8, -11), "/Neg": Float32Array.of(2, 4) });
  });
});

describe("what is written", () => {
  it("has its public names without copies, where one value has one name", async () => {
    const x = input("x", [2]);
    const y = neg(x);
    const program = compile({ y, again: y, z: neg(y), same: x });
    const copies = program.model.nodes.filter(({ operator }) => operator === "Identity");
    expect(copies.map(({ inputs, outputs }) => [...inputs, ...outputs])).toEqual([
      ["y", "again"],
      ["x", "same"],
    ]);
    const [minus, plain] = [Float32Array.of(-1, 2), Float32Array.of(1, -2)];
    expect(await runOnce(program, { x: plain })).toEqual({ y: minus, again: minus, z: plain, same: plain });
  });

  it("is what the outputs depend on", () => {
    const [x, unused] = [input("x", [2]), input("unused", [2])];
    neg(unused);
    const { model } = compile({ y: neg(x) });
    expect(model.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(model.nodes.map(({ operator }) => operator)).toEqual(["Neg"]);
  });

  it("is something: a graph without outputs is refused", () => {
    expect(() => compile({})).toThrow("a graph needs an output");
  });

  it("lets one tensor come out under several names, an input itself too", async () => {
    const x = input("x", [2]);
    const y = neg(x);
    const results = await runOnce(compile({ first: y, second: y, same: x, fixed: constant([7], [1]) }), {
      x: Float32Array.of(1, 2),
    });
    expect(results).toEqual({
      first: Float32Array.of(-1, -2),
      second: Float32Array.of(-1, -2),
      same: Float32Array.of(1, 2),
      fixed: Float32Array.of(7),
    });
  });

  it("uses ONNX Runtime's own operators only where they are allowed", () => {
    const y = matmul(input("a", [2, 3, 4]), input("b", [2, 5, 4]), { transposeB: true });
    const domains = (contrib: boolean) => compile({ y }, { contrib }).model.nodes.map(({ domain }) => domain);
    expect(domains(true)).toContain("com.microsoft");
    expect(new Set(domains(false))).toEqual(new Set([""]));
  });
});

describe("constants", () => {
  const x = input("x", [40]);
  const ramp = () =>
    constant(
      Float32Array.from({ length: 40 }, (_, i) => i),
      [40],
    );
  const count = (y: Tensor) => compile({ y }).model.initializers.length;

  it("that are equal are written once, small or large", () => {
    expect(count(add(mul(x, 2), 2))).toBe(1);
    expect(count(add(mul(x, ramp()), ramp()))).toBe(1);
  });

  it("that differ in value, type or shape are written each", () => {
    expect(count(add(mul(x, 2), 3))).toBe(2);
    expect(count(add(mul(x, 0), -0))).toBe(2);
    expect(count(add(mul(x, 1), constant([1], [1])))).toBe(2);
    expect(count(add(cast(constant([0], [], "int32"), "float32"), mul(x, 0)))).toBe(2);
    const other = constant(
      Float32Array.from({ length: 40 }, (_, i) => i + (i === 39 ? 1 : 0)),
      [40],
    );
    expect(count(add(mul(x, ramp()), other))).toBe(2);
  });

  it("of one value take one element in the model, however large they are", async () => {
    const large = add(full([1000, 1000], 2.5), constant(new Float32Array(1_000_000).fill(1), [1000, 1000]));
    const program = compile({ y: sum(large) });
    expect(program.bytes.length).toBeLessThan(1000);
    expect(await runOnce(program, {})).toEqual({ y: Float32Array.of(3_500_000) });
  });

  it("keep the sign of zero", async () => {
    const { y } = await runOnce(compile({ y: constant([0, -0], [2]) }), {});
    expect([Object.is(y![0], 0), Object.is(y![1], -0)]).toEqual([true, true]);
  });

  it("stand for the inputs whose values are given", async () => {
    const [a, w] = [input("a", [2]), input("w", [2])];
    const values = new Map([["w", Float32Array.of(10, 20)]]);
    const program = compile({ y: mul(a, w) }, { values });
    expect(program.inputs.map(({ name }) => name)).toEqual(["a"]);
    expect(program.model.initializers.map(({ name }) => name)).toEqual(["w"]);
    expect(await runOnce(program, { a: Float32Array.of(1, 2) })).toEqual({ y: Float32Array.of(10, 40) });
    expect(() => compile({ y: mul(a, w) }, { values: new Map([["w", Float32Array.of(1)]]) })).toThrow(
      "the value of w has the wrong size",
    );
  });
});

describe("an open batch axis", () => {
  const STAND_IN = 10_007;

  /** A little attention: reshapes that merge and part the batch, norms, slices, joins, gathers. */
  function network(batch: number): Record<string, Tensor> {
    const x = input("x", [batch, 6, 4]);
    const normal = layerNorm(x, full([4], 1.5), full([4], 0.5));
    const heads = transpose(reshape(normal, [batch, 6, 2, 2]), [0, 2, 1, 3]); // [B, 2, 6, 2]
    const weights = softmax(matmul(heads, heads, { transposeB: true, alpha: 0.7 })); // [B, 2, 6, 6]
    const mixed = reshape(transpose(matmul(weights, heads), [0, 2, 1, 3]), [batch * 6, 4]); // [6B, 4]
    const [first, second] = split(gelu(mixed), 1, [1, 3]);
    const tokens = reshape(concat([second!, first!], 1), [batch, 6, 4]);
    const shift = expand(sliceAxis(gather(tokens, constant([5, 0], [2], "int64"), 1), 1, 0, 1), [
      batch,
      3,
      4,
    ]);
    const offset = input("offset", [batch]);
    return { rows: mixed, features: add(sum(shift, [1]), reshape(offset, [batch, 1])) };
  }

  const open = compile(network(STAND_IN), { symbolic: { size: STAND_IN, name: "batch" } });
  const feedsOf = (batch: number) => ({
    x: Float32Array.from({ length: batch * 24 }, (_, i) => Math.sin(i * 1.3)),
    offset: Float32Array.from({ length: batch }, (_, i) => i),
  });

  it("is declared by its name, and its multiples as such", () => {
    expect(open.model.inputs).toEqual([
      { name: "x", type: "float32", shape: ["batch", 6, 4] },
      { name: "offset", type: "float32", shape: ["batch"] },
    ]);
    expect(open.model.outputs.map(({ shape }) => shape)).toEqual([
      ["6*batch", 4],
      ["batch", 4],
    ]);
  });

  it.each([1, 2, 7])("runs at a batch of %i as the graph of that size does", async (batch) => {
    const results = await runOnce(open, feedsOf(batch));
    const fixed = await runOnce(compile(network(batch)), feedsOf(batch));
    expect([results.rows!.length, results.features!.length]).toEqual([batch * 24, batch * 4]);
    for (const name of ["rows", "features"] as const) {
      for (const [i, value] of fixed[name]!.entries())
        expect(results[name]![i]).toBeCloseTo(Number(value), 5);
    }
  });

  it.each<[string, (x: Tensor) => Tensor]>([
    ["expanded to", (x) => add(x, expand(input("row", [1, 2]), [STAND_IN, 2]))],
    ["written into a constant", (x) => add(x, full([STAND_IN, 2], 1))],
    ["cut", (x) => sliceAxis(x, 0, 1, STAND_IN)],
    [
      "joined with its like in one shape",
      (x) => reshape(matmul(x, x, { transposeB: true }), [STAND_IN, 1, STAND_IN]),
    ],
  ])("cannot be %s, and says so", (_, build) => {
    const y = build(input("x", [STAND_IN, 2]));
    expect(() => compile({ y }, { symbolic: { size: STAND_IN, name: "batch" } })).toThrow(
      /open ax(is|es).*batch/s,
    );
  });
});

it("prints inputs, constants, nodes and outputs, one a line", () => {
  const x = input("x", [3, 2]);
  const y = labelled("head", () => softmax(mul(x, 2), 0));
  expect(printGraph(compile({ y }, { name: "tiny" }).model)).toBe(
    [
      "graph tiny",
      "  input    x: float32[3, 2]",
      "  constant constant: float32[]",
      "  head/Mul:0 = Mul(x, constant)",
      "  y = Softmax(head/Mul:0) {axis=0}",
      "  output   y: float32[3, 2]",
      "",
    ].join("\n"),
  );
});

it("prints which operators are ONNX Runtime's own", () => {
  const y = matmul(input("a", [2, 3, 4]), input("b", [2, 5, 4]), { transposeB: true, alpha: 2 });
  expect(printGraph(compile({ y }, { contrib: true }).model)).toContain(
    "com.microsoft.FusedMatMul(a, b) {transA=0; transB=1; alpha=2}",
  );
});

describe("a model", () => {
  it("is refused before its bytes are made when they would be more than an ONNX file can have", () => {
    const count = 2 ** 29; // 2 GiB, of which the system lends no page that is not looked at
    const values = new Map([["w", new Float32Array(count)]]);
    const w = labelled("head", () => input("w", [count]));
    expect(() => compile({ y: neg(w) }, { values })).toThrow(
      /larger than an ONNX model can be.*at most 2,114 MB of constants; got 2,148 MB or more/,
    );
  });
});

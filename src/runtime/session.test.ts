import { describe, expect, it } from "vitest";
import {
  add,
  cast,
  compile,
  constant,
  type DType,
  gather,
  input,
  matmul,
  mul,
  neg,
  type TensorData,
} from "../tensor/index.ts";
import { createSession, runOnce } from "./session.ts";

const sum = compile({ y: add(input("a", [2, 2]), input("b", [2])) });
const a = Float32Array.of(1, 2, 3, 4);
const b = Float32Array.of(10, 20);

describe("a session", () => {
  it("runs as often as it is asked to, and its results outlive it", async () => {
    const session = await createSession(sum, { threads: 1 });
    const first = await session.run({ a, b });
    const second = await session.run({ a: new Float32Array(4), b });
    await session.release();
    expect(first).toEqual({ y: Float32Array.of(11, 22, 13, 24) });
    expect(second).toEqual({ y: Float32Array.of(10, 20, 10, 20) });
  });

  it.each([-1, 1.5, Number.NaN, 100_000])("is not made with %d threads", async (threads) => {
    await expect(createSession(sum, { threads })).rejects.toMatchObject({
      code: "usage/value",
      evidence: { where: "threads", expected: "a whole number, 0 to 1024", got: `${threads}` },
    });
  });

  it("says what it takes and gives", async () => {
    const session = await createSession(sum);
    expect(session.program.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["a", [2, 2]],
      ["b", [2]],
    ]);
    expect(session.program.outputs).toEqual([{ name: "y", shape: [2, 2], dtype: "float32" }]);
    await session.release();
  });

  it.each<[DType, TensorData]>([
    ["float32", Float32Array.of(1.5, -2)],
    ["int32", Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    ["int64", BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
    ["uint8", Uint8Array.of(0, 255)],
    ["bool", Uint8Array.of(0, 1)],
  ])("carries %s in and out unchanged", async (dtype, data) => {
    expect(await runOnce(compile({ y: input("x", [2], dtype) }), { x: data })).toEqual({ y: data });
  });

  it("flushes denormal numbers to zero", async () => {
    const tiny = compile({ y: mul(input("x", [1]), input("z", [1])) });
    const feeds = { x: Float32Array.of(1e-30), z: Float32Array.of(1e-10) };
    // 1e-40 is below the smallest normal float32, 1.2e-38, and above the smallest denormal one, 1.4e-45.
    expect(await runOnce(tiny, feeds, { threads: 1 })).toEqual({ y: Float32Array.of(0) });
  });

  it("gives the same bits run after run and session after session", async () => {
    const size = 160;
    const program = compile({ y: matmul(input("x", [size, size]), input("z", [size, size])) });
    const noise = (shift: number) =>
      Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * i + shift));
    const feeds = { x: noise(0), z: noise(1) };
    const session = await createSession(program, { threads: 2 });
    const [first, second] = [await session.run(feeds), await session.run(feeds)];
    await session.release();
    expect(second).toEqual(first);
    expect(await runOnce(program, feeds, { threads: 2 })).toEqual(first);
  });
});

describe("a feed", () => {
  it.each<[string, Record<string, TensorData>, string]>([
    ["that is missing", { a }, "input b is missing; expected float32[2], Float32Array of 2 elements"],
    [
      "of the wrong size",
      { a, b: Float32Array.of(1, 2, 3) },
      "input b has the wrong size; expected float32[2], Float32Array of 2 elements; got Float32Array of 3 elements",
    ],
    [
      "of the wrong type",
      { a, b: Int32Array.of(1, 2) },
      "input b has the wrong type; expected float32[2], Float32Array of 2 elements; got Int32Array of 2 elements",
    ],
  ])("%s is named, with what was expected", async (_, feeds, message) => {
    await expect(runOnce(sum, feeds)).rejects.toMatchObject({ code: "tensor/input", message });
  });

  it("that the graph does not ask for is passed over", async () => {
    expect(await runOnce(sum, { a, b, other: b })).toEqual({ y: Float32Array.of(11, 22, 13, 24) });
  });

  it("gives the open axis its size, and all must agree on it", async () => {
    const rows = 10_007;
    const y = add(input("x", [rows, 2]), cast(input("z", [rows, 1], "int64"), "float32"));
    const program = compile({ y }, { symbolic: { size: rows, name: "batch" } });
    const z = BigInt64Array.of(10n, 20n);
    expect(await runOnce(program, { x: a, z })).toEqual({ y: Float32Array.of(11, 12, 23, 24) });
    await expect(runOnce(program, { x: a, z: z.subarray(1) })).rejects.toThrow(
      "input z has the wrong size; expected int64[2,1], BigInt64Array of 2 elements; got BigInt64Array of 1 elements",
    );
    await expect(runOnce(program, { x: a.subarray(1), z })).rejects.toThrow("input x has the wrong size");
    await expect(runOnce(program, { z })).rejects.toThrow("input x is missing");
  });
});

describe("an output", () => {
  const declared = (shape: readonly number[], dtype: DType, name = "y") => ({
    ...sum,
    outputs: [{ name, shape, dtype }],
  });

  it.each([
    ["of another shape than declared", declared([2, 1], "float32"), "float32[2,1]; got float32[2,2]"],
    ["of another rank", declared([4], "float32"), "float32[4]; got float32[2,2]"],
    ["of another type", declared([2, 2], "int32"), "int32[2,2]; got float32[2,2]"],
  ])("%s is refused, with the operator that made it", async (_, program, difference) => {
    const error = await runOnce(program, { a, b }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "runtime/run" });
    expect((error as Error).message).toContain(`(output y, made by Add, on cpu); expected ${difference}`);
  });

  it("that is missing is refused", async () => {
    await expect(runOnce(declared([2, 2], "float32", "z"), { a, b })).rejects.toThrow(
      "(output z, on cpu); expected float32[2,2]; got no output",
    );
  });
});

describe("what ONNX Runtime refuses", () => {
  it("while loading comes back as our error, with its reason", async () => {
    const program = compile({ y: neg(input("x", [2])) }, { name: "odd" });
    const broken = { ...program, bytes: program.bytes.subarray(0, -3) };
    const error = await createSession(broken).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "runtime/run",
      evidence: { what: 'ONNX Runtime cannot load the graph "odd"' },
    });
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it("while running comes back as our error, with its reason, and the session goes on", async () => {
    const program = compile({ y: gather(constant([1, 2, 3], [3]), input("places", [1], "int64")) });
    const session = await createSession(program, { threads: 1 });
    await expect(session.run({ places: BigInt64Array.of(3n) })).rejects.toMatchObject({
      code: "runtime/run",
      message: expect.stringMatching(/could not run the graph.*out of.*bounds/s),
    });
    expect(await session.run({ places: BigInt64Array.of(2n) })).toEqual({ y: Float32Array.of(3) });
    await session.release();
  });

  it("as a provider comes back as our error", async () => {
    await expect(createSession(sum, { provider: "abacus" })).rejects.toMatchObject({ code: "runtime/run" });
  });
});

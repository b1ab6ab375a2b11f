import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors, type NamedArray, type NamedArrays } from "./safetensors.ts";

const sample = (): NamedArrays =>
  new Map<string, NamedArray>([
    ["bytes", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ["weight", { dtype: "F32", shape: [1, 2], data: Float32Array.of(1.5, 2.5) }],
    ["step", { dtype: "I64", shape: [], data: BigInt64Array.of(5n) }],
    ["mask", { dtype: "BOOL", shape: [2, 1], data: Uint8Array.of(1, 0) }],
    ["half", { dtype: "F16", shape: [1], data: Uint16Array.of(0x3c00) }],
    ["none", { dtype: "F64", shape: [0, 4], data: new Float64Array() }],
  ]);

/** A file from its parts, so that each part can be wrong on purpose. */
function fileOf(header: unknown, data: Uint8Array, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const floats = (shape: unknown, offsets: unknown, dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe("safetensors", () => {
  test("arrays and metadata come back as they were, in the same order", () => {
    const { arrays, metadata } = decodeSafetensors(encodeSafetensors(sample(), { epoch: "3", π: "λ" }));
    expect([...arrays]).toEqual([...sample()]);
    expect(metadata).toEqual({ epoch: "3", π: "λ" });
  });

  test("names that trouble objects are kept", () => {
    const arrays: NamedArrays = new Map(
      ["__proto__", "constructor", '"quoted"\n', "0"].map((name) => [
        name,
        { dtype: "U8", shape: [1], data: Uint8Array.of(9) },
      ]),
    );
    expect(new Set(decodeSafetensors(encodeSafetensors(arrays)).arrays.keys())).toEqual(
      new Set(arrays.keys()),
    );
  });

  test("the reference implementation's bytes are read", () => {
    // safetensors 0.6 for Python: save({"b": uint8 [1,2,3], "a": float32 [[1.5,2.5]], "s": int64 5}, {"k":
    // "v"})
    const header =
      '{"__metadata__":{"k":"v"},"s":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"b":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}    ';
    const data = Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0x20, 0x40, 1, 2, 3);
    const { arrays, metadata } = decodeSafetensors(fileOf(header, data));
    expect(metadata).toEqual({ k: "v" });
    expect(arrays.get("s")).toEqual({ dtype: "I64", shape: [], data: BigInt64Array.of(5n) });
    expect(arrays.get("a")).toEqual({ dtype: "F32", shape: [1, 2], data: Float32Array.of(1.5, 2.5) });
    expect(arrays.get("b")).toEqual({ dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) });
  });

  test("every array lies on its own alignment, so that reading copies nothing", () => {
    const bytes = encodeSafetensors(sample());
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + headerLength) % 8).toBe(0);
    for (const { data } of decodeSafetensors(bytes).arrays.values()) expect(data.buffer).toBe(bytes.buffer);
  });

  test("bytes that start off alignment are read by copying", () => {
    const bytes = encodeSafetensors(sample());
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    expect([...decodeSafetensors(moved.subarray(3)).arrays]).toEqual([...sample()]);
  });

  test("nothing at all is a valid file", () => {
    expect(decodeSafetensors(encodeSafetensors(new Map()))).toEqual({ arrays: new Map(), metadata: {} });
  });

  test.each<[string, NamedArray]>([
    ["too few elements", { dtype: "F32", shape: [3], data: new Float32Array(2) }],
    ["the wrong typed array", { dtype: "F32", shape: [2], data: new Float64Array(2) }],
    ["a broken extent", { dtype: "F32", shape: [-2], data: new Float32Array(2) }],
  ])("writing refuses %s", (_, array) => {
    expect(() => encodeSafetensors(new Map([["w", array]]))).toThrow(AfterimageError);
  });

  test("writing refuses the reserved name", () => {
    const arrays: NamedArrays = new Map([
      ["__metadata__", { dtype: "U8", shape: [0], data: new Uint8Array() }],
    ]);
    expect(() => encodeSafetensors(arrays)).toThrow(/reserved/);
  });

  const eight = new Uint8Array(8);
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /cut short/],
    ["half a header length", new Uint8Array(5), /cut short/],
    ["a header longer than the file", fileOf({}, eight, 1_000n), /cut short.*1000/],
    ["a header length beyond any memory", fileOf({}, eight, 2n ** 64n - 1n), /cut short/],
    ["a header that is not JSON", fileOf("{'a'}", eight), /not JSON/],
    ["a header that is not UTF-8", fileOf("{}", eight).fill(0xff, 8, 10), /not JSON/],
    ["a header that is a list", fileOf([1], new Uint8Array()), /an object/],
    ["an unknown type", fileOf({ a: floats([2], [0, 8], "Q4") }, eight), /dtype/],
    ["a type from the prototype", fileOf({ a: floats([2], [0, 8], "toString") }, eight), /dtype/],
    ["a negative extent", fileOf({ a: floats([-2], [0, 8]) }, eight), /shape/],
    ["a fractional extent", fileOf({ a: floats([0.5, 4], [0, 8]) }, eight), /shape/],
    [
      "extents whose product overflows",
      fileOf({ a: floats([2 ** 52, 2 ** 52, 2 ** 52], [0, 8]) }, eight),
      /bytes for/,
    ],
    ["a span that does not fit the shape", fileOf({ a: floats([3], [0, 8]) }, eight), /12 bytes/],
    ["a span that ends before it begins", fileOf({ a: floats([2], [8, 0]) }, eight), /8 bytes/],
    ["a span past the end", fileOf({ a: floats([4], [0, 16]) }, eight), /overlap/],
    ["a gap at the start", fileOf({ a: floats([1], [4, 8]) }, eight), /gap/],
    ["bytes left over", fileOf({ a: floats([1], [0, 4]) }, eight), /gap/],
    ["overlapping spans", fileOf({ a: floats([2], [0, 8]), b: floats([1], [4, 8]) }, eight), /overlap/],
    ["the same span twice", fileOf({ a: floats([2], [0, 8]), b: floats([2], [0, 8]) }, eight), /overlap/],
    ["metadata that is not text", fileOf({ __metadata__: { a: 1 } }, new Uint8Array()), /strings/],
  ])("reading refuses %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(AfterimageError);
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });
});

import { describe, expect, it } from "vitest";
import { floatsOf } from "./floats-of.ts";
import type { NamedArray } from "./named-array.ts";

const array = (dtype: NamedArray["dtype"], data: NamedArray["data"]): NamedArray => ({
  ...{ dtype, data, shape: [data.length] },
});

/** Bits and their numbers, by IEEE 754: the smallest and largest of each kind. */
const HALF: [bits: number, value: number][] = [
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3c00, 1],
  [0x3c01, 1 + 2 ** -10],
  [0xc100, -2.5],
  [0x7bff, 65504],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e00, Number.NaN],
];
const BRAIN: [bits: number, value: number][] = [
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -133],
  [0x0080, 2 ** -126],
  [0x3f80, 1],
  [0x3f81, 1 + 2 ** -7],
  [0xc020, -2.5],
  [0x7f7f, (2 - 2 ** -7) * 2 ** 127],
  [0x7f80, Number.POSITIVE_INFINITY],
  [0x7fc0, Number.NaN],
];

describe("floatsOf", () => {
  it.each([
    ["F16", HALF],
    ["BF16", BRAIN],
  ] as const)("reads %s exactly", (dtype, table) => {
    const bits = Uint16Array.from(table, ([one]) => one);
    expect([...floatsOf(array(dtype, bits))]).toEqual(table.map(([, value]) => value));
  });

  it("rounds wider numbers to the nearest, and reads integers", () => {
    expect([...floatsOf(array("F64", Float64Array.of(0.1, 2 ** -30 + 1)))]).toEqual([Math.fround(0.1), 1]);
    expect([...floatsOf(array("I64", BigInt64Array.of(-3n, 2n ** 53n + 1n)))]).toEqual([-3, 2 ** 53]);
    expect([...floatsOf(array("BOOL", Uint8Array.of(0, 1)))]).toEqual([0, 1]);
  });

  it("copies no float32, and refuses 8 bits, which need a scale", () => {
    const data = Float32Array.of(1, 2);
    expect(floatsOf(array("F32", data))).toBe(data);
    expect(() => floatsOf(array("F8_E4M3", Uint8Array.of(1)))).toThrow(/8 bits cannot be read.*got F8_E4M3/);
  });
});

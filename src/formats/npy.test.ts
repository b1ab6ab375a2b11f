import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import type { NamedArray } from "./named-array.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";

/** The bytes NumPy 2 writes, from its header line and the elements in hexadecimal. */
function numpyFile(header: string, elements: string, version = [1, 0]): Uint8Array {
  const wide = version[0]! > 1;
  const prefix = wide ? [version[0]!, 0, 118, 0, 0, 0] : [1, 0, 118, 0];
  const text = `${header.padEnd(117)}\n`;
  return Uint8Array.of(
    ...[0x93, ...new TextEncoder().encode("NUMPY"), ...prefix],
    ...new TextEncoder().encode(text),
    ...(elements.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)),
  );
}

const cases: [string, NamedArray, Uint8Array][] = [
  [
    "float32 [2, 2]",
    { dtype: "F32", shape: [2, 2], data: Float32Array.of(1.5, -2, 3, 4) },
    numpyFile(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
      "0000c03f000000c00000404000008040",
    ),
  ],
  [
    "int64 [2]",
    { dtype: "I64", shape: [2], data: BigInt64Array.of(-1n, 2n ** 40n) },
    numpyFile(
      "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
      "ffffffffffffffff0000000000010000",
    ),
  ],
  [
    "an int32 scalar",
    { dtype: "I32", shape: [], data: Int32Array.of(7) },
    numpyFile("{'descr': '<i4', 'fortran_order': False, 'shape': (), }", "07000000"),
  ],
  [
    "an empty uint8 [0, 3]",
    { dtype: "U8", shape: [0, 3], data: new Uint8Array() },
    numpyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3), }", ""),
  ],
];

describe("npy", () => {
  test.each(cases)("%s is written byte for byte as NumPy writes it", (_, array, bytes) => {
    expect(encodeNpy(array)).toEqual(bytes);
  });

  test.each(cases)("%s is read from NumPy's bytes", (_, array, bytes) => {
    expect(decodeNpy(bytes)).toEqual(array);
  });

  test("version 2, with its longer header length, is read off alignment too", () => {
    const bytes = numpyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "0000803f", [2, 0]);
    expect(decodeNpy(bytes)).toEqual({ dtype: "F32", shape: [1], data: Float32Array.of(1) });
  });

  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /magic/],
    ["another file", new TextEncoder().encode("GIF89a and so on"), /magic/],
    ["an unknown version", numpyFile(good, "0000803f", [4, 0]), /version/],
    ["a header past the end", numpyFile(good, "0000803f").subarray(0, 60), /header/],
    ["float64", numpyFile(good.replace("f4", "f8"), "000000000000f03f"), /descr.*<f8/],
    ["big-endian", numpyFile(good.replace("<f4", ">f4"), "3f800000"), /descr/],
    ["Fortran order", numpyFile(good.replace("False", "True"), "0000803f"), /ascontiguousarray/],
    ["a shape of words", numpyFile(good.replace("1,", "one,"), "0000803f"), /shape/],
    [
      "an extent beyond counting",
      numpyFile(good.replace("1,", "99999999999999999999,"), "0000803f"),
      /shape/,
    ],
    ["too few bytes", numpyFile(good, "0000"), /4 bytes/],
    ["too many bytes", numpyFile(good, "0000803f00"), /4 bytes/],
    ["no dictionary", numpyFile("[1, 2]", ""), /descr/],
  ])("reading refuses %s", (_, bytes, message) => {
    expect(() => decodeNpy(bytes)).toThrow(AfterimageError);
    expect(() => decodeNpy(bytes)).toThrow(message);
  });

  test("writing refuses types it does not know and data that do not fit", () => {
    expect(() => encodeNpy({ dtype: "F64", shape: [1], data: new Float64Array(1) })).toThrow(/F64/);
    expect(() => encodeNpy({ dtype: "F32", shape: [2], data: new Float32Array(1) })).toThrow(AfterimageError);
  });
});

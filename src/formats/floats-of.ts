/** Arrays of other element types as float32. */
import { AfterimageError } from "../errors.ts";
import type { ArrayDtype, NamedArray } from "./named-array.ts";

/**
 * The elements as float32: half floats exactly, float64 and integers rounded to the nearest. A float32 array
 * is given as it is, without a copy.
 *
 * @throws AfterimageError `data/format` for floats of 8 bits, which need a scale that is elsewhere.
 */
export function floatsOf({ dtype, data }: NamedArray): Float32Array {
  if (data instanceof Float32Array) return data;
  const convert = CONVERSIONS[dtype];
  if (convert !== undefined) return Float32Array.from(data as Uint16Array, convert);
  if (dtype === "F8_E4M3" || dtype === "F8_E5M2") throw needsScale(dtype);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

const CONVERSIONS: Partial<Record<ArrayDtype, (bits: number) => number>> = {
  F16: halfToNumber,
  BF16: brainFloatToNumber,
};

/** IEEE 754 binary16: a sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24; // subnormal
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function brainFloatToNumber(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

function needsScale(dtype: ArrayDtype): AfterimageError {
  return new AfterimageError("data/format", {
    what: "weights of 8 bits cannot be read",
    expected: "floats of 16, 32 or 64 bits, or integers",
    got: dtype,
  });
}

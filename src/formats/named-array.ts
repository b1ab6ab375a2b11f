import { AfterimageError } from "../errors.ts";

/**
 * Element types by their safetensors names, with the typed array that holds them here.
 * Types that JavaScript has no array for are held as their raw bits: half floats as 16-bit words,
 * 8-bit floats as bytes; BOOL as bytes of 0 and 1.
 */
export const ARRAY_TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type ArrayDtype = keyof typeof ARRAY_TYPES;
export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** An array with its element type and shape, row-major; `data.length` is the product of `shape`. */
export interface NamedArray {
  dtype: ArrayDtype;
  shape: readonly number[];
  data: TypedArray;
}

/** Arrays by name, in the order they were added or read. */
export type NamedArrays = Map<string, NamedArray>;

/** Whether a value is a shape: an array of safe integers, 0 or more. */
export function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

/** The number of elements of a shape; 1 for a scalar's `[]`. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The bytes of a typed array, without copying. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Reads bytes as elements of a type: a view if the bytes are aligned for the type, otherwise a copy. The
 * length must be a multiple of the element size.
 */
export function viewAs(dtype: ArrayDtype, bytes: Uint8Array): TypedArray {
  const Type = ARRAY_TYPES[dtype];
  const aligned = bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Type(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.length / Type.BYTES_PER_ELEMENT);
}

/**
 * Refuses an array whose parts contradict each other.
 *
 * @throws AfterimageError `data/format` when type, shape and data do not fit each other.
 */
export function checkArray(where: string, { dtype, shape, data }: NamedArray): void {
  if (isShape(shape) && data instanceof ARRAY_TYPES[dtype] && data.length === elementCount(shape)) return;
  throw new AfterimageError("data/format", {
    what: "an array's type, shape and data do not match",
    where,
    expected: `${ARRAY_TYPES[dtype]?.name ?? "a known type"} of ${elementCount(shape)} elements for ${dtype} [${shape}]`,
    got: `${data.constructor.name} of ${data.length}`,
  });
}

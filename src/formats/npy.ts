import { AfterimageError } from "../errors.ts";
import {
  ARRAY_TYPES,
  type ArrayDtype,
  bytesOf,
  checkArray,
  elementCount,
  type NamedArray,
  viewAs,
} from "./named-array.ts";

/**
 * NumPy's `.npy`: the magic "\x93NUMPY", a version, the length of a header, the header as the text of a
 * Python dictionary, and the elements in row-major order.
 *
 * Source: NumPy's `numpy/lib/format.py`, "Format Version 1.0" to "3.0".
 */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Magic, version, and the 16-bit header length of version 1. */
const PREFIX_BYTES = 10;
/** The elements start at a multiple of this. */
const ALIGNMENT = 64;
/** NumPy itself refuses headers above 10,000 characters. */
const MAX_HEADER = 10_000;

const DESCRIPTIONS: readonly (readonly [string, ArrayDtype])[] = [
  ["<f4", "F32"],
  ["<i4", "I32"],
  ["<i8", "I64"],
  ["|u1", "U8"],
];

/**
 * Writes an array of type F32, I32, I64 or U8 as `.npy`, version 1.0.
 *
 * @throws AfterimageError `data/format` for another type, or when data, shape and type do not fit each other.
 */
export function encodeNpy(array: NamedArray): Uint8Array {
  const [head, elements] = npyParts(array);
  const bytes = new Uint8Array(head.length + elements.length);
  bytes.set(head);
  bytes.set(elements, head.length);
  return bytes;
}

/** The bytes of {@link encodeNpy} as two parts, of which the second is a view of the array. */
export function npyParts(array: NamedArray): [head: Uint8Array, elements: Uint8Array] {
  checkArray("npy", array);
  const description = DESCRIPTIONS.find(([, dtype]) => dtype === array.dtype)?.[0];
  if (description === undefined) throw unreadable("type", "F32, I32, I64 or U8", array.dtype);
  const header = encodeHeader(description, array.shape);
  const prefix = Uint8Array.of(...MAGIC, 1, 0, header.length & 0xff, header.length >> 8);
  const head = new Uint8Array(prefix.length + header.length);
  head.set(prefix);
  head.set(header, prefix.length);
  return [head, bytesOf(array.data)];
}

function encodeHeader(description: string, shape: readonly number[]): Uint8Array {
  // A Python tuple of one entry needs its comma.
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((PREFIX_BYTES + text.length + 1) / ALIGNMENT) * ALIGNMENT - PREFIX_BYTES;
  if (length > MAX_HEADER) throw unreadable("shape", `a header of at most ${MAX_HEADER} bytes`, `${length}`);
  return new TextEncoder().encode(`${text.padEnd(length - 1)}\n`);
}

/**
 * Reads a `.npy` of little-endian float32, int32 or int64, or of uint8, in row-major order, versions 1 to 3.
 * The data are a view into `bytes` if they are aligned, otherwise a copy.
 *
 * @throws AfterimageError `data/format` when the bytes are not exactly one such array.
 */
export function decodeNpy(bytes: Uint8Array): NamedArray {
  const { text, dataStart } = headerText(bytes);
  const { dtype, shape } = parseHeader(text);
  const data = bytes.subarray(dataStart);
  const length = elementCount(shape) * ARRAY_TYPES[dtype].BYTES_PER_ELEMENT;
  if (data.length !== length)
    throw unreadable("data", `${length} bytes for ${dtype} [${shape}]`, `${data.length}`);
  return { dtype, shape, data: viewAs(dtype, data) };
}

function headerText(bytes: Uint8Array): { text: string; dataStart: number } {
  const major = bytes[6] ?? 0;
  const wide = major > 1; // versions 2 and 3 have a 32-bit header length
  const start = wide ? PREFIX_BYTES + 2 : PREFIX_BYTES;
  if (bytes.length < start || MAGIC.some((byte, i) => bytes[i] !== byte) || major < 1 || major > 3) {
    throw unreadable(
      "start",
      "the magic \\x93NUMPY and a version of 1 to 3",
      `${bytes.length} bytes of something else`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > Math.min(bytes.length - start, MAX_HEADER))
    throw unreadable("header", "a header that ends within the file", `${length} bytes`);
  return { text: new TextDecoder().decode(bytes.subarray(start, start + length)), dataStart: start + length };
}

function parseHeader(text: string): { dtype: ArrayDtype; shape: number[] } {
  const fields = /^\{(.*)\}\s*$/s.exec(text)?.[1] ?? "";
  const description = /'descr':\s*'([^']*)'/.exec(fields)?.[1];
  const dtype = DESCRIPTIONS.find(([known]) => known === description)?.[1];
  if (dtype === undefined)
    throw unreadable("descr", DESCRIPTIONS.map(([known]) => known).join(", "), description ?? "none");
  if (!/'fortran_order':\s*False\b/.test(fields)) {
    throw unreadable("fortran_order", "False (save numpy.ascontiguousarray(array))", "something else");
  }
  const tuple = /'shape':\s*\(([\d\s,]*)\)/.exec(fields)?.[1];
  if (tuple === undefined) throw unreadable("shape", "a tuple of integers", "something else");
  const shape = tuple
    .split(",")
    .map((extent) => extent.trim())
    .filter(Boolean)
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) throw unreadable("shape", "a tuple of integers", `(${tuple})`);
  return { dtype, shape };
}

function unreadable(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "this is not a supported .npy array",
    where,
    expected,
    got,
  });
}

import { AfterimageError } from "../errors.ts";
import { type ByteSource, bytesInMemory } from "./byte-source.ts";
import {
  ARRAY_TYPES,
  bytesOf,
  checkArray,
  type NamedArray,
  type NamedArrays,
  viewAs,
} from "./named-array.ts";
import { parseSafetensorsHeader, type SafetensorsSpan } from "./safetensors-header.ts";
import type { StoredArray } from "./stored-array.ts";

export type { ArrayDtype, NamedArray, NamedArrays, TypedArray } from "./named-array.ts";

/**
 * Safetensors: eight bytes of header length (little-endian), a JSON header, and the arrays' bytes without
 * gaps.
 *
 * Source: the format's description and validation rules in huggingface/safetensors, `README.md` ("Format").
 */
const LENGTH_BYTES = 8;
/** Every array starts at a multiple of its element size, and the data section at a multiple of this. */
const ALIGNMENT = 8;
const METADATA_KEY = "__metadata__";
/** That of the `safetensors` library. */
const LARGEST_HEADER = 100_000_000;

/**
 * Writes arrays as one safetensors file. Arrays are sorted by falling element size, then in the map's order,
 * so that each is aligned; the header lists them in the map's order.
 *
 * @param metadata free text by name, kept in the header.
 * @throws AfterimageError `data/format` when an array's data does not fit its type and shape, or a name is
 * reserved.
 */
export function encodeSafetensors(arrays: NamedArrays, metadata: Record<string, string> = {}): Uint8Array {
  const parts = safetensorsParts(arrays, metadata);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The bytes of {@link encodeSafetensors} one after the other; all parts but the first are views of the
 * arrays.
 */
export function safetensorsParts(arrays: NamedArrays, metadata: Record<string, string> = {}): Uint8Array[] {
  const begins = placeArrays(arrays);
  const header = encodeHeader(arrays, begins, metadata);
  const head = new Uint8Array(LENGTH_BYTES + header.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(header.length), true);
  head.set(header, LENGTH_BYTES);
  return [head, ...[...begins.keys()].map((name) => bytesOf(arrays.get(name)!.data))];
}

/** Where each array begins in the data section, in the order of their places. */
function placeArrays(arrays: NamedArrays): Map<string, number> {
  const bySize = [...arrays].sort(([, a], [, b]) => elementBytes(b) - elementBytes(a));
  const begins = new Map<string, number>();
  let total = 0;
  for (const [name, array] of bySize) {
    checkArray(name, array);
    if (name === METADATA_KEY)
      throw new AfterimageError("data/format", { what: "an array has a reserved name", where: name });
    begins.set(name, total);
    total += array.data.byteLength;
  }
  return begins;
}

const elementBytes = (array: NamedArray) => ARRAY_TYPES[array.dtype].BYTES_PER_ELEMENT;

function encodeHeader(
  arrays: NamedArrays,
  begins: Map<string, number>,
  metadata: Record<string, string>,
): Uint8Array {
  const fields = [...arrays].map(([name, { dtype, shape, data }]) => {
    const begin = begins.get(name)!;
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, begin + data.byteLength] })}`;
  });
  if (Object.keys(metadata).length > 0) fields.unshift(`"${METADATA_KEY}":${JSON.stringify(metadata)}`);
  const text = new TextEncoder().encode(`{${fields.join(",")}}`);
  const padded = new Uint8Array(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(text);
  return padded;
}

/**
 * Reads a safetensors file. Arrays are views into `bytes` if they are aligned for their type (always so in
 * files written here that start at a multiple of 8), otherwise copies.
 *
 * Nothing is allocated before the header has been checked against the number of bytes.
 *
 * @throws AfterimageError `data/format` when the bytes are not exactly one valid file: a header that is cut
 * short or not JSON, an unknown type, a span that does not fit its shape, overlaps another, leaves a gap, or
 * runs past the end.
 */
export function decodeSafetensors(bytes: Uint8Array): {
  arrays: NamedArrays;
  metadata: Record<string, string>;
} {
  const { arrays, metadata } = indexSafetensors(bytesInMemory(bytes));
  return { arrays: new Map([...arrays].map(([name, array]) => [name, array.load()])), metadata };
}

/**
 * Reads only the header of a safetensors file; the arrays are read when they are asked for.
 *
 * @throws AfterimageError `data/format` as {@link decodeSafetensors} does.
 */
export function indexSafetensors(source: ByteSource): {
  arrays: Map<string, StoredArray>;
  metadata: Record<string, string>;
} {
  const header = headerBytes(source);
  const { spans, metadata } = parseSafetensorsHeader(header);
  const dataStart = LENGTH_BYTES + header.length;
  checkCoverage(spans, source.length - dataStart);
  const arrays = new Map<string, StoredArray>();
  for (const { name, dtype, shape, begin, end } of spans) {
    const load = () => {
      const data = viewAs(dtype, source.read(dataStart + begin, dataStart + end));
      return { dtype, shape, data };
    };
    arrays.set(name, { dtype, shape, load });
  }
  return { arrays, metadata };
}

function headerBytes(source: ByteSource): Uint8Array {
  const room = source.length - LENGTH_BYTES;
  if (room < 0) throw cutShort(`${LENGTH_BYTES} bytes of header length`, `${source.length} bytes`);
  const first = source.read(0, LENGTH_BYTES);
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (length > BigInt(room)) throw cutShort(`a header of ${length} bytes`, `${room} bytes`);
  if (length > LARGEST_HEADER) throw cutShort(`a header of at most ${LARGEST_HEADER} bytes`, `${length}`);
  return source.read(LENGTH_BYTES, LENGTH_BYTES + Number(length));
}

function cutShort(expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", { what: "a safetensors file is cut short", expected, got });
}

/** Checks that the spans cover every byte of the data section exactly once. */
function checkCoverage(spans: readonly SafetensorsSpan[], dataLength: number): void {
  let covered = 0;
  for (const { name, begin, end } of [...spans].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) throw misplaced(name, `to start at byte ${covered}`, `${begin}`);
    covered = end;
  }
  if (covered !== dataLength) throw misplaced("the data section", `${covered} bytes`, `${dataLength}`);
}

function misplaced(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "the arrays of a safetensors file overlap or leave gaps",
    where,
    expected,
    got,
  });
}

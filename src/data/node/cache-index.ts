import { AfterimageError } from "../../errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  type NamedArrays,
} from "../../formats/safetensors.ts";
import type { SkippedPicture } from "../picture-dataset.ts";
import { canvasBytes } from "../picture-dataset.ts";
import { isFindings, type PictureFindings } from "../picture-findings.ts";
import { CACHE_VERSION, type CacheMode } from "./cache-plan.ts";
import { packTraits, unpackTraits } from "./cache-traits.ts";
import type { PictureTraits } from "./decode-picture.ts";
import type { Stamp } from "./listing.ts";

/** The index of a finished cache: describes its records, which follow one another in their file. */
export interface CacheIndex {
  canvas: number;
  mode: CacheMode;
  /** The pictures' positions in the listing, ascending. */
  entries: Int32Array;
  names: string[];
  heights: Int32Array;
  widths: Int32Array;
  /** Bytes of each record; in raw mode each is one canvas long. */
  lengths: Int32Array;
  fingerprint: string;
  skipped: SkippedPicture[];
  findings: PictureFindings;
  /** The traits of each picture of `names`. */
  traits: PictureTraits[];
  /** The hash of each listed file; null for one that could not be read, which is tried again. */
  hashes: (string | null)[];
  /** The place of each listed file on the disk, and the time of its last change there. */
  stamps: Stamp[];
}

const FORMAT = "afterimage-pictures";

/**
 * Writes an index as safetensors: numbers as arrays, names as UTF-8 with zero bytes between, the rest as
 * metadata.
 */
export function encodeCacheIndex(index: CacheIndex): Uint8Array {
  const { canvas, mode, entries, names, heights, widths, lengths, fingerprint, skipped, findings } = index;
  const { traits, hashes, stamps } = index;
  const column = (data: Int32Array) => ({ dtype: "I32" as const, shape: [data.length], data });
  const text = new TextEncoder().encode(names.join("\0"));
  const arrays: NamedArrays = new Map<string, NamedArray>([
    ["entries", column(entries)],
    ["heights", column(heights)],
    ["widths", column(widths)],
    ["lengths", column(lengths)],
    ["names", { dtype: "U8", shape: [text.length], data: text }],
    ["traits", { dtype: "U8", shape: [traits.length, 2], data: packTraits(traits) }],
    ["hashes", { dtype: "U8", shape: [hashes.length, HASH_BYTES], data: packHashes(hashes) }],
    [
      "read",
      { dtype: "U8", shape: [hashes.length], data: Uint8Array.from(hashes, (hash) => Number(hash !== null)) },
    ],
    ["stamps", { dtype: "F64", shape: [stamps.length, 2], data: Float64Array.from(stamps.flat()) }],
  ]);
  const header = { format: FORMAT, version: CACHE_VERSION, canvas, mode, fingerprint, skipped, findings };
  return encodeSafetensors(arrays, { index: JSON.stringify(header) });
}

/**
 * Reads an index.
 *
 * @throws AfterimageError `data/cache` or `data/format` when the bytes are not an index of this version whose
 *   parts fit together.
 */
export function decodeCacheIndex(bytes: Uint8Array): CacheIndex {
  const { arrays, metadata } = decodeSafetensors(bytes);
  const header = parseHeader(metadata.index ?? "");
  const column = (name: string) => columnOf(arrays, name);
  const text = bytesNamed(arrays, "names");
  const index = {
    ...header,
    entries: column("entries"),
    names: text.length === 0 ? [] : new TextDecoder().decode(text).split("\0"),
    heights: column("heights"),
    widths: column("widths"),
    lengths: column("lengths"),
    traits: unpackTraits(bytesNamed(arrays, "traits")),
    hashes: unpackHashes(bytesNamed(arrays, "hashes"), bytesNamed(arrays, "read")),
    stamps: unpackStamps(arrays),
  };
  checkIndex(index);
  return index;
}

const HASH_BYTES = 16;

function packHashes(hashes: CacheIndex["hashes"]): Uint8Array {
  return Buffer.from(hashes.map((hash) => hash ?? "00".repeat(HASH_BYTES)).join(""), "hex");
}

function unpackHashes(bytes: Uint8Array, read: Uint8Array): CacheIndex["hashes"] {
  if (bytes.length !== HASH_BYTES * read.length)
    throw damaged("hashes", `${HASH_BYTES * read.length} bytes`, `${bytes.length}`);
  const text = Buffer.from(bytes).toString("hex");
  return Array.from(read, (isRead, at) =>
    isRead === 0 ? null : text.slice(2 * HASH_BYTES * at, 2 * HASH_BYTES * (at + 1)),
  );
}

function unpackStamps(arrays: NamedArrays): Stamp[] {
  const data = arrays.get("stamps")?.data;
  if (!(data instanceof Float64Array)) throw damaged("stamps", "float64 numbers", "none");
  return Array.from({ length: data.length / 2 }, (_, at) => [data[2 * at]!, data[2 * at + 1]!]);
}

function bytesNamed(arrays: NamedArrays, name: string): Uint8Array {
  const data = arrays.get(name)?.data;
  if (data instanceof Uint8Array) return data;
  throw damaged(name, "bytes", "none");
}

type Header = Pick<CacheIndex, "canvas" | "mode" | "fingerprint" | "skipped" | "findings">;

function parseHeader(text: string): Header {
  let header: Partial<Header> & { format?: unknown; version?: unknown };
  try {
    header = JSON.parse(text) ?? {};
  } catch (cause) {
    throw new AfterimageError(
      "data/cache",
      { what: "the index of the picture cache has no header" },
      { cause },
    );
  }
  const { format, version, canvas, mode, fingerprint, skipped, findings } = header;
  if (format !== FORMAT || version !== CACHE_VERSION)
    throw damaged("format", `${FORMAT} ${CACHE_VERSION}`, `${format} ${version}`);
  if (mode !== "raw" && mode !== "encoded") throw damaged("mode", "raw or encoded", `${mode}`);
  if (typeof canvas !== "number" || !Number.isInteger(canvas) || canvas < 1)
    throw damaged("canvas", "a whole number of pixels", `${canvas}`);
  if (typeof fingerprint !== "string") throw damaged("fingerprint", "text", typeof fingerprint);
  if (!Array.isArray(skipped) || !skipped.every(isSkipped))
    throw damaged("skipped", "paths and reasons", typeof skipped);
  if (!isFindings(findings)) throw damaged("findings", "counts and names", typeof findings);
  return { canvas, mode, fingerprint, skipped, findings };
}

function isSkipped(value: unknown): value is SkippedPicture {
  const { path, reason } = (value ?? {}) as Partial<SkippedPicture>;
  return typeof path === "string" && typeof reason === "string";
}

function columnOf(arrays: NamedArrays, name: string): Int32Array {
  const data = arrays.get(name)?.data;
  if (data instanceof Int32Array) return data;
  throw damaged(name, "int32 numbers", data ? data.constructor.name : "none");
}

function checkIndex({ canvas, mode, entries, names, heights, widths, lengths, ...of }: CacheIndex): void {
  const size = names.length;
  const count = size + of.skipped.length;
  for (const [name, { length }] of Object.entries({ hashes: of.hashes, stamps: of.stamps }))
    if (length !== count) throw damaged(name, `${count}, one per file`, `${length}`);
  for (const [name, column] of Object.entries({ entries, heights, widths, lengths, traits: of.traits })) {
    if (column.length !== size) throw damaged(name, `${size}, one per picture`, `${column.length}`);
  }
  const least = mode === "raw" ? canvasBytes(canvas) : 1;
  const most = mode === "raw" ? canvasBytes(canvas) : 2 ** 31 - 1;
  entries.forEach((entry, i) => {
    if (entry < 0 || (i > 0 && entry <= entries[i - 1]!))
      throw damaged("entries", "rising numbers", `${entry}`);
    const length = lengths[i]!;
    if (length < least || length > most) throw damaged("lengths", `${least} bytes or more`, `${length}`);
    const side = Math.max(heights[i]!, widths[i]!);
    if (Math.min(heights[i]!, widths[i]!) < 1 || side > canvas)
      throw damaged("sizes", `1 to ${canvas} pixels`, `${side}`);
  });
}

function damaged(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/cache", {
    what: "the index of the picture cache is damaged",
    where,
    expected,
    got,
  });
}

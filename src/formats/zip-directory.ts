/**
 * The files in a zip archive that stores them as they are, as PyTorch's archives do. Nothing is unpacked, and
 * no name is used as a path.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 (structure) and 4.5.3 (64-bit sizes).
 */
import { AfterimageError } from "../errors.ts";
import { type ByteSource, partOf } from "./byte-source.ts";

const END = { signature: 0x06054b50, bytes: 22, longestComment: 65_535 };
const LOCATOR = { signature: 0x07064b50, bytes: 20 };
const END_64 = { signature: 0x06064b50, bytes: 56 };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
/** The tag of the extra field with 64-bit sizes, and what a 32-bit field holds in its place. */
const [SIZES_64, IN_EXTRA] = [0x0001, 0xffffffff];
/** PyTorch's largest archives have thousands of files, with some 100 bytes each. */
const LARGEST_DIRECTORY = 64 * 2 ** 20;

/** Whether these are the first bytes of a zip archive. */
export function isZip(source: ByteSource): boolean {
  return source.length >= LOCAL.bytes && viewAt(source, 0, 4).getUint32(0, true) === LOCAL.signature;
}

/**
 * The files by their names.
 *
 * @throws AfterimageError `data/format` for a directory that is cut short or lies, a file that is compressed
 * or encrypted, and a name that leads out of the archive or occurs twice.
 */
export function readZipDirectory(source: ByteSource): Map<string, ByteSource> {
  const { begin, length } = findDirectory(source);
  requireInside(source, "the directory", begin, length);
  if (length > LARGEST_DIRECTORY)
    throw broken("directory", `at most ${LARGEST_DIRECTORY} bytes`, `${length}`);
  const directory = viewAt(source, begin, length);
  const files = new Map<string, ByteSource>();
  for (let at = 0; at < length; ) {
    const { entry, next } = readEntry(directory, at);
    if (files.has(entry.name)) throw broken(entry.name, "a name for each file", "the same name twice");
    if (!entry.name.endsWith("/")) files.set(entry.name, contentOf(source, entry));
    at = next;
  }
  return files;
}

interface Entry {
  name: string;
  size: number;
  /** The place of the file's own header. */
  header: number;
}

/** The place of the directory, from the record at the archive's end. */
function findDirectory(source: ByteSource): { begin: number; length: number } {
  const begin = Math.max(0, source.length - END.bytes - END.longestComment);
  const tail = viewAt(source, begin, source.length - begin);
  for (let at = tail.byteLength - END.bytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END.signature) continue;
    return (
      findDirectory64(source, begin + at) ?? {
        length: tail.getUint32(at + 12, true),
        begin: tail.getUint32(at + 16, true),
      }
    );
  }
  throw broken("end", "the record that ends a zip archive", "none: the file is cut short");
}

/**
 * The same from the record for large archives, whose place is told just before `end`; null if there is none.
 */
function findDirectory64(source: ByteSource, end: number): { begin: number; length: number } | null {
  if (end < LOCATOR.bytes) return null;
  const locator = viewAt(source, end - LOCATOR.bytes, LOCATOR.bytes);
  if (locator.getUint32(0, true) !== LOCATOR.signature) return null;
  const at = uint64(locator, 8);
  requireInside(source, "the record of a large archive", at, END_64.bytes);
  const record = viewAt(source, at, END_64.bytes);
  if (record.getUint32(0, true) !== END_64.signature)
    throw broken("end", "the record of a large archive", "none");
  return { length: uint64(record, 40), begin: uint64(record, 48) };
}

function readEntry(directory: DataView, at: number): { entry: Entry; next: number } {
  if (at + ENTRY.bytes > directory.byteLength || directory.getUint32(at, true) !== ENTRY.signature)
    throw broken("directory", `an entry at its byte ${at}`, "none");
  const nameLength = directory.getUint16(at + 28, true);
  const extraLength = directory.getUint16(at + 30, true);
  const nameStart = at + ENTRY.bytes;
  const next = nameStart + nameLength + extraLength + directory.getUint16(at + 32, true);
  if (next > directory.byteLength) throw broken("directory", "an entry that ends within it", `${next} bytes`);
  const bytes = new Uint8Array(directory.buffer, directory.byteOffset + nameStart, nameLength);
  const name = requirePlainName(new TextDecoder().decode(bytes));
  requireStored(name, directory.getUint16(at + 8, true), directory.getUint16(at + 10, true));
  const extra = new DataView(directory.buffer, bytes.byteOffset + nameLength, extraLength);
  return { entry: { name, ...placeOf(directory, at, extra) }, next };
}

/** Sizes and place of a file; those that do not fit into 32 bits are in the extra field, in this order. */
function placeOf(directory: DataView, at: number, extra: DataView): { size: number; header: number } {
  const wide = wideSizes(extra);
  const take = (short: number) => (short === IN_EXTRA ? (wide.shift() ?? short) : short);
  const size = take(directory.getUint32(at + 24, true));
  const packed = take(directory.getUint32(at + 20, true));
  const header = take(directory.getUint32(at + 42, true));
  if (packed !== size) throw broken("directory", `${size} bytes that are stored as they are`, `${packed}`);
  return { size, header };
}

function wideSizes(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== SIZES_64) continue;
    const length = Math.min(extra.getUint16(at + 2, true), extra.byteLength - at - 4);
    return Array.from({ length: Math.floor(length / 8) }, (_, i) => uint64(extra, at + 4 + 8 * i));
  }
  return [];
}

/** A file's bytes, which follow its own header. */
function contentOf(source: ByteSource, { name, size, header }: Entry): ByteSource {
  requireInside(source, name, header, LOCAL.bytes);
  const local = viewAt(source, header, LOCAL.bytes);
  if (local.getUint32(0, true) !== LOCAL.signature) throw broken(name, "a header before the file", "none");
  const begin = header + LOCAL.bytes + local.getUint16(26, true) + local.getUint16(28, true);
  requireInside(source, name, begin, size);
  return partOf(source, begin, begin + size);
}

function requirePlainName(name: string): string {
  const leadsOut = name.startsWith("/") || name.includes("\\") || name.split("/").includes("..");
  if (leadsOut || name.includes("\0") || /^[A-Za-z]:/.test(name))
    throw broken("directory", "names of files within the archive", name.slice(0, 120));
  return name;
}

function requireStored(name: string, flags: number, method: number): void {
  if ((flags & 1) !== 0) throw broken(name, "a file without a password", "an encrypted one");
  if (method === 0) return;
  throw broken(name, "a file that is stored as it is, as PyTorch writes it", "a compressed one");
}

function requireInside({ length }: ByteSource, where: string, begin: number, size: number): void {
  if (begin >= 0 && begin + size <= length) return;
  throw broken(where, `${size} bytes from byte ${begin} on`, `an archive of ${length} bytes`);
}

function viewAt(source: ByteSource, begin: number, length: number): DataView {
  const bytes = source.read(begin, begin + length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A size or a place; one that no file can have is infinite. */
function uint64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}

function broken(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "this zip archive cannot be read",
    ...{ where, expected, got },
  });
}

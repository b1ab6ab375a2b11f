/** Bytes that are read piece by piece: those of a file that need not fit into memory, or an array's. */
export interface ByteSource {
  /** The number of bytes. */
  readonly length: number;
  /** The bytes [begin, end), where 0 ≤ begin ≤ end ≤ length. They are not changed by whoever reads them. */
  read(begin: number, end: number): Uint8Array;
}

/** The bytes of an array; what is read are views of it. */
export function bytesInMemory(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (begin, end) => bytes.subarray(begin, end) };
}

/** The part [begin, end) of a source. */
export function partOf(source: ByteSource, begin: number, end: number): ByteSource {
  return { length: end - begin, read: (from, to) => source.read(begin + from, begin + to) };
}

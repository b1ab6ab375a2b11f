import { AfterimageError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";

/** Bytes that are read at once. */
const BLOCK = 65_536;
const LINE_FEED = 0x0a;
const LONGEST_LINE = 1000;

/** Reads a source from front to back, little-endian. */
export class ByteCursor {
  readonly #source: ByteSource;
  readonly #what: string;
  #block = new Uint8Array(0);
  /** The place of the block in the source. */
  #start: number;
  /** The place in the block. */
  #at = 0;

  /** @param what the file in words, for errors: `this .pth`. */
  constructor(source: ByteSource, what: string, start = 0) {
    this.#source = source;
    this.#what = what;
    this.#start = start;
  }

  /** The place of the next byte in the source. */
  get position(): number {
    return this.#start + this.#at;
  }

  get remaining(): number {
    return this.#source.length - this.position;
  }

  /**
   * The next bytes.
   *
   * @throws AfterimageError `data/format` when there are fewer, as every method of this class.
   */
  take(count: number): Uint8Array {
    if (count > this.remaining) throw this.#cutShort(count);
    if (this.#at + count > this.#block.length) this.#fill(count);
    this.#at += count;
    return this.#block.subarray(this.#at - count, this.#at);
  }

  skip(count: number): void {
    if (count > this.remaining) throw this.#cutShort(count);
    this.#start = this.position + count;
    this.#at = 0;
    this.#block = this.#block.subarray(0, 0);
  }

  uint8(): number {
    return this.take(1)[0]!;
  }

  uint16(): number {
    return viewOf(this.take(2)).getUint16(0, true);
  }

  int32(): number {
    return viewOf(this.take(4)).getInt32(0, true);
  }

  uint32(): number {
    return viewOf(this.take(4)).getUint32(0, true);
  }

  /** A length or a place; one that no file can have is infinite. */
  uint64(): number {
    const value = viewOf(this.take(8)).getBigUint64(0, true);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
  }

  float64BigEndian(): number {
    return viewOf(this.take(8)).getFloat64(0, false);
  }

  /** The bytes up to the next line feed, which is left out; at most {@link LONGEST_LINE}. */
  line(): Uint8Array {
    const bytes: number[] = [];
    for (let byte = this.uint8(); byte !== LINE_FEED; byte = this.uint8()) {
      if (bytes.push(byte) > LONGEST_LINE) throw this.#cutShort(1);
    }
    return Uint8Array.from(bytes);
  }

  #fill(count: number): void {
    this.#start = this.position;
    this.#at = 0;
    const end = Math.min(this.#source.length, this.#start + Math.max(count, BLOCK));
    this.#block = this.#source.read(this.#start, end) as Uint8Array<ArrayBuffer>;
  }

  #cutShort(count: number): AfterimageError {
    return new AfterimageError("data/format", {
      what: `${this.#what} is cut short`,
      expected: `${count} bytes from byte ${this.position} on`,
      got: `${this.remaining}`,
    });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

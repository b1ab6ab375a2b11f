import type { Segment } from "./jpeg-segments.ts";

const CODE = { sof0: 0xc0, sof1: 0xc1, dht: 0xc4, dri: 0xdd } as const;
/** Codes of at most this many bits are found by one look-up. */
const QUICK_BITS = 8;

interface HuffmanTable {
  /**
   * Indexed by the next 8 bits: the code's length and its symbol, `length << 8 | symbol`; 0 for a longer
   * code.
   */
  quick: Uint16Array;
  /** Longer codes, by `length << 16 | code`. */
  long: ReadonlyMap<number, number>;
}

export interface Frame {
  height: number;
  width: number;
  /** Identifier and sampling factors of each component. */
  components: readonly { id: number; across: number; down: number }[];
}

/**
 * Reads a scan code by code, without making pixels of it, and compares where its codes end with where its
 * data end.
 *
 * Source: ITU-T T.81, annexes B (segments) and F.2.2 (sequential decoding).
 *
 * @returns the number of bytes left; below 0 if codes are missing or impossible; null for codings that this
 * does not read (progressive and arithmetic coding; restarts, whose errors libjpeg reports).
 */
export function scanLeftover(file: Buffer, segments: readonly Segment[], scan: Segment): number | null {
  const before = segments.slice(0, segments.indexOf(scan));
  const frame = frameOf(file, before);
  if (frame === null || frame.height === 0 || restartsOf(file, before) > 0) return null;
  const tables = tablesOf(file, before);
  const parts = partsOf(file, scan, frame, tables);
  if (parts === null) return null;
  const reader = new BitReader(file, scan.end, scan.dataEnd);
  for (let unit = 0; unit < parts.units; unit++) {
    for (const { dc, ac, blocks } of parts.components) {
      for (let block = 0; block < blocks; block++) if (!skipBlock(reader, dc, ac)) return -1;
    }
  }
  return reader.left;
}

/** The frame of sequential Huffman coding; null for another coding. */
export function frameOf(file: Buffer, segments: readonly Segment[]): Frame | null {
  const segment = segments.findLast(({ code }) => code === CODE.sof0 || code === CODE.sof1);
  if (segment === undefined) return null;
  const { start } = segment;
  const components = Array.from({ length: file[start + 5]! }, (_, i) => {
    const at = start + 6 + 3 * i;
    return { id: file[at]!, across: file[at + 1]! >> 4, down: file[at + 1]! & 15 };
  });
  return { height: file.readUInt16BE(start + 1), width: file.readUInt16BE(start + 3), components };
}

function restartsOf(file: Buffer, segments: readonly Segment[]): number {
  const segment = segments.findLast(({ code }) => code === CODE.dri);
  return segment === undefined ? 0 : file.readUInt16BE(segment.start);
}

/** The newest table of each class and place: `class << 4 | place`. */
function tablesOf(file: Buffer, segments: readonly Segment[]): Map<number, HuffmanTable> {
  const tables = new Map<number, HuffmanTable>();
  for (const { code, start, end } of segments) {
    if (code !== CODE.dht) continue;
    for (let at = start; at < end; ) {
      const counts = file.subarray(at + 1, at + 17);
      tables.set(file[at]!, tableOf(counts, file.subarray(at + 17)));
      at += 17 + counts.reduce((sum, count) => sum + count, 0);
    }
  }
  return tables;
}

/** Codes of each length follow one another: T.81, annex C. */
function tableOf(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const quick = new Uint16Array(1 << QUICK_BITS);
  const long = new Map<number, number>();
  let [code, taken] = [0, 0];
  counts.forEach((count, i) => {
    const length = i + 1;
    for (let j = 0; j < count; j++, code++) {
      const symbol = symbols[taken++]!;
      const spare = QUICK_BITS - length;
      if (spare < 0) long.set((length << 16) | code, symbol);
      else quick.fill((length << 8) | symbol, code << spare, (code + 1) << spare);
    }
    code <<= 1;
  });
  return { quick, long };
}

interface ScanPart {
  dc: HuffmanTable;
  ac: HuffmanTable;
  /** Blocks of 8×8 in a unit. */
  blocks: number;
}

/** The components of a scan: its units consist of some blocks of each component, T.81 A.2. */
function partsOf(
  file: Buffer,
  { start }: Segment,
  { height, width, components }: Frame,
  tables: ReadonlyMap<number, HuffmanTable>,
): { units: number; components: ScanPart[] } | null {
  const across = Math.max(...components.map((component) => component.across));
  const down = Math.max(...components.map((component) => component.down));
  const count = file[start]!;
  const parts: ScanPart[] = [];
  let units = Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
  for (let i = 0; i < count; i++) {
    const [id, places] = [file[start + 1 + 2 * i]!, file[start + 2 + 2 * i]!];
    const component = components.find((one) => one.id === id);
    const dc = tables.get(places >> 4);
    const ac = tables.get(0x10 | (places & 15));
    if (component === undefined || dc === undefined || ac === undefined) return null;
    if (count === 1) {
      const columns = Math.ceil(Math.ceil((width * component.across) / across) / 8);
      const rows = Math.ceil(Math.ceil((height * component.down) / down) / 8);
      units = columns * rows;
    }
    parts.push({ dc, ac, blocks: count === 1 ? 1 : component.across * component.down });
  }
  return { units, components: parts };
}

/** Skips the codes of one block; returns false if they are missing or impossible. */
function skipBlock(reader: BitReader, dc: HuffmanTable, ac: HuffmanTable): boolean {
  const size = reader.symbol(dc);
  if (size < 0 || !reader.skip(size)) return false;
  for (let place = 1; place < 64; place++) {
    const symbol = reader.symbol(ac);
    if (symbol < 0) return false;
    const [zeros, bits] = [symbol >> 4, symbol & 15];
    if (bits === 0 && zeros < 15) return true;
    place += zeros;
    if (place > 63 || !reader.skip(bits)) return false;
  }
  return true;
}

/** Reads bits of coded data, in which a zero follows every byte 0xff. */
class BitReader {
  readonly #file: Buffer;
  readonly #end: number;
  #at: number;
  /** The next bits, `#count` of them, in the lowest positions. */
  #bits = 0;
  #count = 0;

  constructor(file: Buffer, start: number, end: number) {
    this.#file = file;
    this.#at = start;
    this.#end = end;
  }

  /** The number of bytes from which no bit was taken. */
  get left(): number {
    return this.#end - this.#at + (this.#count >> 3);
  }

  /** The next symbol; below 0 at the end of the data, or for a code that is not in the table. */
  symbol({ quick, long }: HuffmanTable): number {
    this.#fill();
    const found = quick[(this.#bits << (24 - this.#count)) >> 16]!; // 24 bits at most
    if (found !== 0) return this.skip(found >> 8) ? found & 255 : -1;
    for (let length = QUICK_BITS + 1; length <= Math.min(16, this.#count); length++) {
      const symbol = long.get((length << 16) | (this.#bits >> (this.#count - length)));
      if (symbol !== undefined) return this.skip(length) ? symbol : -1;
    }
    return -1;
  }

  /** Takes up to 16 bits. */
  skip(bits: number): boolean {
    if (bits > this.#count) this.#fill();
    if (bits > this.#count) return false;
    this.#count -= bits;
    this.#bits &= (1 << this.#count) - 1;
    return true;
  }

  /** Fills the buffer to at least 17 bits, if there are that many. */
  #fill(): void {
    while (this.#count <= 16 && this.#at < this.#end) {
      const byte = this.#file[this.#at++]!;
      if (byte === 0xff && this.#file[this.#at] === 0) this.#at++;
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }
}

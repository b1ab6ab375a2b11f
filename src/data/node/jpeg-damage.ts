import { frameOf, scanLeftover } from "./jpeg-scan.ts";

/** A run of zero bytes in a scan that is looked into: a JPEG of photographs has none. */
const SUSPICIOUS_ZEROS = Buffer.alloc(64);
/** Some encoders write a few bytes after the last code. */
const MOST_PADDING = 16;
/** A picture of so many rows or fewer is low. */
const LOW = 256;
const MARKER = { sof2: 0xc2, soi: 0xd8, eoi: 0xd9, sos: 0xda } as const;

/** A marker's place in a file: that of its code, after the byte 0xff. */
export interface Segment {
  code: number;
  /** Where its own bytes begin, after the length. */
  start: number;
  end: number;
  /** Of a scan: where the coded data end, at the next marker that is no restart. */
  dataEnd: number;
}

/**
 * What is wrong with a JPEG that libvips takes for whole. It stops reading after the last row of pixels, and any bits are
 * codes to it: of a file whose rest is missing or zeros it makes a grey or smeared half without a word. And it looks at
 * libjpeg's warnings before each strip of rows, so that those of the last strip are lost, in a low picture a good part of it.
 *
 * - There must be an end-of-image marker after the last scan.
 * - A scan with a run of zero bytes, or of a low picture, is read code by code (sequential Huffman coding): its codes must
 *   end with its data.
 * - Scans of single coefficients (progressive coding) have no run of zero bytes: empty blocks are counted there.
 *
 * @returns why the file is refused, or null.
 */
export function jpegDamage(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { segments, isEnded } = segmentsOf(file);
  if (!isEnded) return `the JPEG has no end-of-image marker: ${restOf(file)}`;
  for (const segment of segments) {
    const reason = segment.code === MARKER.sos ? scanDamage(file, segments, segment) : null;
    if (reason !== null) return reason;
  }
  return null;
}

function scanDamage(file: Buffer, segments: readonly Segment[], scan: Segment): string | null {
  const zeros = file.subarray(scan.end, scan.dataEnd).indexOf(SUSPICIOUS_ZEROS);
  const hole = () => holeIn(file, scan.end + zeros);
  const isProgressive = segments.some(({ code }) => code === MARKER.sof2);
  const firstCoefficient = file[scan.end - 3] ?? 0;
  if (isProgressive) return zeros >= 0 && firstCoefficient > 0 ? hole() : null;
  const isLow = (frameOf(file, segments)?.height ?? LOW + 1) <= LOW;
  const leftover = zeros >= 0 || isLow ? scanLeftover(file, segments, scan) : null;
  if (leftover === null) return null;
  if (zeros >= 0 && (leftover < 0 || leftover > MOST_PADDING)) return hole();
  return leftover < 0
    ? "the data of the JPEG end before its picture does: the file is cut short or damaged"
    : null;
}

function holeIn(file: Buffer, at: number): string {
  return `the JPEG has ${zerosFrom(file, at)} zero bytes where its data should be: a copy or download was not finished`;
}

function restOf(file: Buffer): string {
  let end = file.length;
  while (end > 0 && file[end - 1] === 0) end--;
  const zeros = file.length - end;
  if (zeros < 2) return "the file is cut short";
  return `its last ${zeros} bytes are zeros; a copy or download was not finished`;
}

function zerosFrom(file: Buffer, at: number): number {
  let end = at;
  while (end < file.length && file[end] === 0) end++;
  return end - at;
}

/** The segments up to the end of the picture, in their order. */
function segmentsOf(file: Buffer): { segments: Segment[]; isEnded: boolean } {
  const segments: Segment[] = [];
  let at = 2;
  while (at < file.length) {
    at = file.indexOf(0xff, at);
    if (at < 0) break;
    while (file[at] === 0xff) at++; // fill bytes
    const code = file[at] ?? 0;
    at++;
    if (code === MARKER.eoi) return { segments, isEnded: true };
    if (code < 0xc0 || isRestart(code) || code === MARKER.soi) continue;
    if (at + 2 > file.length) break;
    const end = at + file.readUInt16BE(at);
    const dataEnd = code === MARKER.sos ? endOfData(file, end) : end;
    segments.push({ code, start: at + 2, end, dataEnd: withoutFill(file, dataEnd) });
    at = dataEnd;
  }
  return { segments, isEnded: false };
}

/** Where coded data end: at a marker that is no restart, or at the end of the file. */
function endOfData(file: Buffer, start: number): number {
  for (let at = file.indexOf(0xff, start); at >= 0; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return file.length;
}

/** Any number of bytes 0xff may stand before a marker. */
function withoutFill(file: Buffer, end: number): number {
  let at = end;
  while (at > 0 && file[at - 1] === 0xff) at--;
  return at;
}

function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7;
}

import { frameOf, scanLeftover } from "./jpeg-scan.ts";
import { MARKER, type Segment, segmentsOf } from "./jpeg-segments.ts";

/** A run of zero bytes that makes a scan suspicious: JPEGs of photographs have none. */
const SUSPICIOUS_ZEROS = Buffer.alloc(64);
/** Some encoders write a few bytes after the last code. */
const MOST_PADDING = 16;
/** A picture of at most this many rows is low. */
const LOW = 256;

/**
 * The damage of a JPEG that libvips accepts. libvips stops reading after the last row of pixels, and takes
 * any bits as codes. If the rest of a file is missing or zeros, it makes a grey or smeared half without an
 * error. It also reads libjpeg's warnings before each strip of rows, so that those of the last strip are
 * lost, which is a large part of a low picture.
 *
 * - There must be an end-of-image marker after the last scan.
 * - A scan with a run of zero bytes, or of a low picture, is read code by code (sequential Huffman coding):
 *   its codes must end where its data end.
 * - Scans of single coefficients (progressive coding) have no run of zero bytes: they encode runs of empty
 *   blocks as counts.
 *
 * @returns the reason why the file is refused, or null.
 */
export function jpegDamage(bytes: Uint8Array): string | null {
  try {
    return damageOf(bytes);
  } catch (error) {
    // The headers point outside the file.
    if (error instanceof RangeError) return "the headers of the JPEG are damaged";
    throw error;
  }
}

function damageOf(bytes: Uint8Array): string | null {
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
    ? "the JPEG's data end before the picture is complete: the file is cut short or damaged"
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

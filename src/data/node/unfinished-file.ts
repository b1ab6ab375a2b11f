import { crc32 } from "node:zlib";
import { jpegDamage } from "./jpeg-damage.ts";

/** Coded data almost never end with this many zero bytes. */
const ZERO_TAIL = 64;

/**
 * Finds a file that was cut short, or whose rest is zeros because a download reserved its space first.
 * Decoders do not notice: half the picture would be grey, or smeared.
 *
 * - JPEG: see {@link jpegDamage}.
 * - WebP: zeros at the end of the RIFF file; its coding has no checksum.
 *
 * PNG and GIF have checksums or end codes that their decoders check. Uncompressed TIFF may really be black.
 *
 * @returns the reason why the file is refused, or null.
 */
export function unfinishedFile(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isJpeg(file)) return jpegDamage(file);
  if (!isWebp(file)) return null;
  const end = Math.min(file.length, 8 + file.readUInt32LE(4));
  const zeros = zerosBefore(file, end);
  return zeros < ZERO_TAIL
    ? null
    : `the last ${zeros} bytes of the WebP are zeros: a copy or download was not finished`;
}

export function isJpeg(file: Uint8Array): boolean {
  return file[0] === 0xff && file[1] === 0xd8 && file[2] === 0xff;
}

export function isGif(file: Uint8Array): boolean {
  return Buffer.from(file.subarray(0, 4)).toString("latin1") === "GIF8";
}

function isWebp(file: Buffer): boolean {
  return (
    file.length > 20 && file.toString("latin1", 0, 4) === "RIFF" && file.toString("latin1", 8, 12) === "WEBP"
  );
}

function zerosBefore(file: Buffer, end: number): number {
  let at = end;
  while (at > 0 && file[at - 1] === 0) at--;
  return end - at;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * The reason why libpng, which only says "read error", could not read a PNG; null if it is no PNG or has no
 * such fault.
 */
export function pngFault(bytes: Uint8Array): string | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, 8).equals(PNG_SIGNATURE)) return null;
  for (let at = 8; at < file.length; ) {
    if (at + 12 > file.length) return "the PNG is cut short";
    const length = file.readUInt32BE(at);
    const name = file.toString("latin1", at + 4, at + 8);
    if (!/^[A-Za-z]{4}$/.test(name)) return `the PNG is damaged at byte ${at}`;
    const end = at + 12 + length;
    if (end > file.length) return `the PNG is cut short in its ${name} chunk`;
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4))
      return `the checksum of the PNG's ${name} chunk is wrong: the file is damaged`;
    if (name === "IEND") return "the PNG has fewer pixels than its header says: the file is damaged";
    at = end;
  }
  return "the PNG is cut short";
}

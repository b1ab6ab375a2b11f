/** The palettes that picture files of indices have, in the order of their indices. */

export type Colour = readonly [red: number, green: number, blue: number];

const PNG_SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** Where the first chunk's data begins, which is `IHDR`. */
const PNG_HEADER = 16;

/** What a PNG's header says of its samples; null for bytes that are no PNG. */
export function pngSamples(bytes: Uint8Array): { bits: number; isPalette: boolean; isGrey: boolean } | null {
  if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return null;
  const [bits = 0, kind = 0] = bytes.subarray(PNG_HEADER + 8, PNG_HEADER + 10);
  return { bits, isPalette: kind === 3, isGrey: kind === 0 || kind === 4 };
}

/** The palette of a PNG of indices or of a GIF; null for other files, and for a GIF without a common one. */
export function filePalette(bytes: Uint8Array): Colour[] | null {
  if (pngSamples(bytes)?.isPalette) return pngPalette(bytes);
  const isGif = String.fromCharCode(...bytes.subarray(0, 4)) === "GIF8";
  return isGif ? gifPalette(bytes) : null;
}

/** The chunk `PLTE`, which comes before the pixels. */
function pngPalette(bytes: Uint8Array): Colour[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG_SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === "PLTE") return coloursOf(bytes.subarray(at + 8, at + 8 + length));
    if (kind === "IDAT") return null;
    at += length + 12;
  }
  return null;
}

/** The global table of colours, behind a header of 13 bytes. */
function gifPalette(bytes: Uint8Array): Colour[] | null {
  const flags = bytes[10] ?? 0;
  if ((flags & 0x80) === 0) return null;
  return coloursOf(bytes.subarray(13, 13 + 3 * 2 ** ((flags & 7) + 1)));
}

function coloursOf(bytes: Uint8Array): Colour[] {
  return Array.from({ length: Math.floor(bytes.length / 3) }, (_, i) => {
    const [red = 0, green = 0, blue = 0] = bytes.subarray(3 * i, 3 * i + 3);
    return [red, green, blue] as const;
  });
}

import sharp, { type Sharp, type SharpOptions } from "sharp";

interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * The first frame of a GIF on its logical screen. The rest of the screen is transparent, as browsers show it;
 * libvips gives such a screen black and without transparency.
 *
 * @returns null if the frame fills the screen, or libvips handles its transparency.
 */
export async function gifOnScreen(bytes: Uint8Array, options: SharpOptions): Promise<Sharp | null> {
  const { hasAlpha, width, height } = await sharp(bytes, options).metadata();
  const frame = firstFrame(bytes);
  if (hasAlpha || frame === null) return null;
  const right = width - frame.left - frame.width;
  const bottom = height - frame.top - frame.height;
  if (Math.min(right, bottom) < 0 || (frame.width === width && frame.height === height)) return null;
  const raw = sharp(bytes, options).extract(frame).raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const { channels } = info;
  const placed = sharp(data, { raw: { width: frame.width, height: frame.height, channels } })
    .ensureAlpha()
    .extend({ left: frame.left, top: frame.top, right, bottom, background: { r: 0, g: 0, b: 0, alpha: 0 } });
  return sharp(await placed.raw().toBuffer(), { raw: { width, height, channels: 4 } });
}

/** The descriptor of the first picture: GIF89a, sections 18 to 20. Extensions before it are skipped. */
function firstFrame(bytes: Uint8Array): Frame | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = file[10] ?? 0;
  let at = 13 + (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);
  while (file[at] === 0x21) {
    at += 2;
    while (at < file.length && file[at] !== 0) at += 1 + file[at]!;
    at++;
  }
  if (file[at] !== 0x2c || at + 9 > file.length) return null;
  const [left, top, width, height] = [1, 3, 5, 7].map((offset) => file.readUInt16LE(at + offset));
  return { left: left!, top: top!, width: width!, height: height! };
}

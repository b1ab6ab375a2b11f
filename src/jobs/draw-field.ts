/** The effective receptive field as a picture. */
import sharp from "sharp";
import { NORMALIZATION } from "../augment/view-spec.ts";
import type { AxisField } from "../evaluate/receptive-field/branch.ts";
import type { EffectiveField } from "../evaluate/receptive-field/effective-field.ts";

/** Side of the drawing, in pixels. */
const SIDE = 640;
/** Colours of shares from none to the largest, and of what lies outside of the picture. */
const COLOURS = [
  [8, 8, 24],
  [66, 20, 110],
  [180, 50, 90],
  [245, 130, 40],
  [255, 240, 150],
] as const;
const OUTSIDE = "#d8d8d8";
/** The drawing shows at most so many times the side of the picture. */
const MOST_AROUND = 2.2;

export interface FieldDrawing {
  /** S, of the picture. */
  side: number;
  /** Those of the layer's largest branch; null if its places see only the whole. */
  fields: readonly AxisField[] | null;
  /** A normalised picture `[3, S, S]` to draw on, or null. */
  behind: Float32Array | null;
}

/**
 * Draws where the gradient is: the square root of its shares, so that faint ones are seen. The white square
 * is the field by kernels and strides; the ellipse is two deviations of the Gaussian around its mean. What
 * the square has beyond the picture is padding, drawn grey.
 *
 * @returns the bytes of a PNG.
 */
export async function drawField(
  { shares, place, gaussian }: EffectiveField,
  { side, fields, behind }: FieldDrawing,
): Promise<Uint8Array> {
  const box = fields?.map(({ size, jump, start }, axis) => {
    const middle = start + place[axis]! * jump;
    return { first: middle - size / 2, last: middle + size / 2 };
  });
  const reach = Math.max(0, ...(box ?? []).flatMap(({ first, last }) => [-first, last - side]));
  const margin = Math.min(reach, (side * (MOST_AROUND - 1)) / 2) + (reach > 0 ? side / 50 : 0);
  const scale = SIDE / (side + 2 * margin);
  const at = (pixel: number) => (pixel + margin) * scale;
  const length = Math.max(1, Math.round(side * scale));
  const heat = await sharp(coloured(shares, behind), { raw: { width: side, height: side, channels: 3 } })
    .resize(length, length, { kernel: "nearest" })
    .png()
    .toBuffer();
  const { mean, deviation } = gaussian;
  const marks = [
    box === undefined ? "" : rectangle(box.map(({ first, last }) => [at(first), (last - first) * scale])),
    `<ellipse cx="${at(mean[1])}" cy="${at(mean[0])}" rx="${2 * deviation[1] * scale}" ry="${2 * deviation[0] * scale}" fill="none" stroke="#40e0ff" stroke-width="2.5"/>`,
  ];
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${marks.join("")}</svg>`;
  const offset = Math.round(at(0));
  return sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: OUTSIDE } })
    .composite([
      { input: heat, left: Math.min(offset, SIDE - length), top: Math.min(offset, SIDE - length) },
      { input: Buffer.from(overlay), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}

function rectangle([rows, columns]: readonly (readonly number[])[]): string {
  const [y, height] = rows!;
  const [x, width] = columns!;
  const shape = `x="${x}" y="${y}" width="${width}" height="${height}" fill="none"`;
  return `<rect ${shape} stroke="#000" stroke-width="4.5"/><rect ${shape} stroke="#fff" stroke-width="2.5"/>`;
}

/** The shares as colours; where they are small, a picture is seen through them, in grey. */
function coloured(shares: Float32Array, behind: Float32Array | null): Uint8Array {
  const most = shares.reduce((largest, share) => Math.max(largest, share), 0);
  const pixels = new Uint8Array(3 * shares.length);
  for (const [i, share] of shares.entries()) {
    const value = Math.sqrt(share / most);
    const colour = colourOf(value);
    const cover = behind === null ? 1 : Math.min(1, 0.25 + value);
    const grey = behind === null ? 0 : greyOf(behind, i);
    pixels.set(
      colour.map((level) => Math.round(cover * level + (1 - cover) * grey)),
      3 * i,
    );
  }
  return pixels;
}

/** A pixel of a normalised picture, from 0 to 255. */
function greyOf(picture: Float32Array, at: number): number {
  const { mean, std } = NORMALIZATION;
  const size = picture.length / 3;
  const levels = mean.map((shift, channel) => picture[channel * size + at]! * std[channel]! + shift);
  return 255 * Math.min(1, Math.max(0, levels.reduce((sum, level) => sum + level, 0) / 3));
}

/** @param value from 0 to 1. */
function colourOf(value: number): number[] {
  const place = value * (COLOURS.length - 1);
  const below = Math.min(Math.floor(place), COLOURS.length - 2);
  const [from, to] = [COLOURS[below]!, COLOURS[below + 1]!];
  return from.map((level, channel) => Math.round(level + (to[channel]! - level) * (place - below)));
}

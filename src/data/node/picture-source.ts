import sharp, { type Metadata, type Sharp, type SharpOptions } from "sharp";
import { canvasSize, LONGEST_RATIO } from "../canvas-size.ts";
import { gifOnScreen } from "./gif-frame.ts";
import {
  imageOfLayout,
  imageOfSamples,
  readRawSamples,
  type ScaledImage,
  type Scaling,
} from "./read-samples.ts";
import { CSS_DENSITY, svgAtSize } from "./svg-at-size.ts";
import { tiffLayout } from "./tiff-layout.ts";
import { readTiffTags, type TiffTags } from "./tiff-tags.ts";
import { isGif } from "./unfinished-file.ts";

/** Pictures with more pixels are refused before they are decoded: a small file can claim any size. */
export const MAX_PIXELS = 2 ** 27;
/** The resolution at which an SVG pixel is one pixel. */
const SVG_DENSITY = 72;

/** A picture that sharp reads as its file describes it. */
export interface PictureSource extends ScaledImage {
  /** In pixels, turned as its orientation says. */
  height: number;
  width: number;
  /** Whether it may have transparent pixels. */
  hasAlpha: boolean;
}

/** Opens a picture of any kind. An SVG is drawn for a canvas of `side`. */
export async function openSource(
  bytes: Uint8Array,
  side: number,
  failOn: "error" | "warning",
): Promise<PictureSource> {
  const options = { failOn, autoOrient: true, limitInputPixels: MAX_PIXELS } as const;
  const tags = readTiffTags(bytes);
  const { image, scaling } = await imageOf(bytes, side, tags, options);
  const metadata = await image.metadata();
  const { height, width } = metadata.autoOrient ?? metadata;
  const fewer = scaling === null ? await fewerBits(bytes, metadata, options) : null;
  return { image, scaling, ...fewer, height, width, hasAlpha: metadata.hasAlpha };
}

async function imageOf(
  bytes: Uint8Array,
  side: number,
  tags: TiffTags | null,
  options: SharpOptions,
): Promise<ScaledImage> {
  if (startsLikeXml(bytes)) return plain(await svgImage(bytes, side, options));
  if (isGif(bytes)) return plain((await gifOnScreen(bytes, options)) ?? sharp(bytes, options));
  const layout = tags === null ? null : tiffLayout(tags);
  return layout === null ? plain(sharp(bytes, options)) : imageOfLayout(bytes, tags!, layout, options);
}

function plain(image: Sharp): ScaledImage {
  return { image, scaling: null };
}

/**
 * Scales a 16-bit TIFF or PNG whose samples have fewer bits. The number of bits is that of a PNG's sBIT chunk
 * if its samples are not scaled already, otherwise that of `sampleRange`. Null for all other pictures.
 */
async function fewerBits(
  bytes: Uint8Array,
  { format, depth, hasAlpha, space }: Metadata,
  options: SharpOptions,
): Promise<ScaledImage | null> {
  const isPossible = depth === "ushort" && !hasAlpha && (space === "grey16" || space === "rgb16");
  if (!isPossible || (format !== "tiff" && format !== "png")) return null;
  const { channels } = await sharp(bytes, options).stats();
  const most = Math.max(...channels.map(({ max }) => max));
  const said = format === "png" ? significantBits(bytes) : null;
  const range = said !== null && most < 2 ** said ? ([0, 2 ** said - 1] as const) : null;
  if (range === null && most >= 2 ** 12) return null;
  const colours = space === "rgb16" ? "rgb" : "grey";
  const raw = await readRawSamples(bytes, options);
  return imageOfSamples(raw, { colours, format: "unsigned", bits: 16, range });
}

/** The largest number of bits in a PNG's sBIT chunk, if it is below 16. */
function significantBits(bytes: Uint8Array): number | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const name = file.toString("latin1", at + 4, at + 8);
    if (name === "IDAT") return null;
    if (name !== "sBIT") continue;
    const bits = Math.max(...file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
    return bits > 0 && bits < 16 ? bits : null;
  }
  return null;
}

/** Of the formats that sharp reads, only SVG starts with "<", after a byte order mark or blanks. */
function startsLikeXml(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  return /^(?:\xef\xbb\xbf)?\s*</.test(start);
}

async function svgImage(bytes: Uint8Array, side: number, options: SharpOptions): Promise<Sharp> {
  const scale = (width: number, height: number) => drawnSide(width, height, side) / Math.max(width, height);
  const sized = await svgAtSize(bytes, scale);
  if (sized !== null) return sharp(sized, { ...options, density: CSS_DENSITY });
  const { width, height } = await sharp(bytes, { density: SVG_DENSITY, limitInputPixels: false }).metadata();
  // Within the limits of its renderer.
  const density = Math.min(Math.max(SVG_DENSITY * scale(width, height), 1), 100_000);
  return sharp(bytes, { ...options, density });
}

/** The longer side of an SVG that is drawn for a canvas: longer than the canvas if the ends are cropped. */
function drawnSide(width: number, height: number, side: number): number {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  if (long <= LONGEST_RATIO * short) return side;
  const kept = canvasSize(side / LONGEST_RATIO, side, side);
  return (long / short) * Math.min(kept.height, kept.width);
}

export type { Scaling };

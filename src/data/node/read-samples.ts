import sharp, { type Sharp, type SharpOptions } from "sharp";
import { type SampleScale, sampleRange, scaleSamples } from "../scale-samples.ts";
import { PLAIN_TIFF, plainTiff } from "./plain-tiff.ts";
import { refusedPicture } from "./refused-picture.ts";
import type { SampleLayout } from "./tiff-layout.ts";
import { TAG, type TiffTags } from "./tiff-tags.ts";

/** Pictures with more samples are not read as numbers: they would take half a gigabyte. */
const MOST_SAMPLES = 2 ** 27;

/**
 * How black and white were chosen if the file does not say: fewer bits than a sample has, or the picture's
 * own extremes.
 */
export type Scaling = "fewer-bits" | "own-range";

export interface ScaledImage {
  image: Sharp;
  scaling: Scaling | null;
}

/** Samples as the file has them, interleaved `[height, width, bands]`. */
export interface RawSamples {
  samples: Float32Array;
  height: number;
  width: number;
  bands: number;
}

/** Reads a picture's samples without any conversion, turned as its orientation says. */
export async function readRawSamples(bytes: Uint8Array, options: SharpOptions): Promise<RawSamples> {
  const { space, width, height, channels } = await sharp(bytes, options).metadata();
  if (width * height * channels > MOST_SAMPLES) {
    throw refusedPicture(`the picture is too large: ${width}×${height} pixels of ${channels} bands`);
  }
  // From a colour space to itself nothing is converted.
  const image = sharp(bytes, options).pipelineColourspace(space).toColourspace(space);
  const { data, info } = await image.raw({ depth: "float" }).toBuffer({ resolveWithObject: true });
  const samples = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  return { samples, height: info.height, width: info.width, bands: info.channels };
}

/**
 * A TIFF with a layout as a picture that sharp reads correctly: bytes of grey, RGB or RGBA, or converted
 * colours.
 */
export async function imageOfLayout(
  bytes: Uint8Array,
  tags: TiffTags,
  layout: SampleLayout,
  options: SharpOptions,
): Promise<ScaledImage> {
  const raw = await readRawSamples(neutral(bytes, tags, layout), options);
  const { colours, alpha, bits, format } = layout;
  if (bits === 16 && format !== "unsigned") reinterpret(raw, format);
  if (colours === "grey" || colours === "rgb") return imageOfSamples(raw, layout, alpha);
  const converted =
    colours === "cmyk"
      ? plainTiff(inks(raw, layout.bits), { ...raw, photometric: PLAIN_TIFF.cmyk })
      : plainTiff(labs(raw, layout), { ...raw, photometric: PLAIN_TIFF.cielab });
  return { image: sharp(converted, options), scaling: null };
}

/** Samples of grey or RGB as bytes. */
export function imageOfSamples(
  { samples, height, width, bands }: RawSamples,
  scale: SampleScale & Pick<SampleLayout, "colours">,
  alpha: number | null = null,
): ScaledImage {
  const colours = scale.colours === "rgb" ? 3 : 1;
  if (alpha !== null && alpha >= bands)
    throw refusedPicture("a TIFF of grey and alpha is supported only with 8 or 16 bits");
  const given = { samples, bands, colours };
  const range = sampleRange(given, scale);
  const data = scaleSamples(given, { ...scale, range }, alpha);
  const channels = (colours + (alpha === null ? 0 : 1)) as 1 | 2 | 3 | 4;
  const image = sharp(data, { raw: { width, height, channels } });
  return { image, scaling: scale.range ? null : scalingOf(scale, range) };
}

function scalingOf({ format, bits }: SampleScale, [low, high]: readonly [number, number]): Scaling | null {
  if (format === "unsigned") return high < 2 ** bits - 1 ? "fewer-bits" : null;
  return format === "float" && low === 0 && high === 1 ? null : "own-range";
}

/**
 * The same file with changed tags, under which libvips and sharp return all bands unchanged: the photometric
 * interpretation for that many bands, and 16-bit samples without a sign, because signed ones would be clipped
 * or rounded.
 */
function neutral(bytes: Uint8Array, tags: TiffTags, { colours, format, bits }: SampleLayout): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (colours !== "cmyk") setTag(copy, tags, TAG.photometric, colours === "grey" ? 1 : 2);
  if (bits === 16 && format !== "unsigned") setTag(copy, tags, TAG.sampleFormat, 1);
  return copy;
}

function setTag(
  copy: Uint8Array,
  { places, numbers, littleEndian }: TiffTags,
  tag: number,
  to: number,
): void {
  const place = places.get(tag);
  if (place === undefined) return;
  const view = new DataView(copy.buffer);
  for (let i = 0; i < numbers.get(tag)!.length; i++) view.setUint16(place + 2 * i, to, littleEndian);
}

/** Reads the bits of unsigned 16-bit numbers as signed or floating-point numbers. */
function reinterpret({ samples }: RawSamples, format: SampleLayout["format"]): void {
  const read = format === "signed" ? (value: number) => (value << 16) >> 16 : halfFloat;
  for (let i = 0; i < samples.length; i++) samples[i] = read(samples[i]!);
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** The first four bands as 8 bits. */
function inks({ samples, bands, height, width }: RawSamples, bits: number): Uint8Array {
  const out = new Uint8Array(4 * height * width);
  const factor = 255 / (2 ** bits - 1);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.round(samples[Math.floor(i / 4) * bands + (i % 4)]! * factor);
  }
  return out;
}

/**
 * L*a*b* in the form of {@link plainTiff}. CIE L*a*b* of TIFF 6.0 has a* and b* with a sign; ICC L*a*b* adds
 * 128 to them, and its L* of 100 is 0xff00 in 16 bits (TIFF Technical Notes, Adobe 2002).
 */
function labs({ samples, bands, height, width }: RawSamples, { colours, bits }: SampleLayout): Uint16Array {
  const out = new Uint16Array(3 * height * width);
  const isIcc = colours === "icclab";
  const lightness = bits === 8 ? 257 : isIcc ? 65535 / 65280 : 1;
  const colour = bits === 8 ? 256 : 1;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [from, to] = [pixel * bands, pixel * 3];
    out[to] = Math.min(65535, Math.round(samples[from]! * lightness));
    for (const band of [1, 2]) out[to + band] = samples[from + band]! * colour - (isIcc ? 32768 : 0); // wraps
  }
  return out;
}

import sharp, { type Sharp } from "sharp";
import { AfterimageError } from "../../errors.ts";
import { type Background, chooseBackground } from "../background.ts";
import { type CanvasSize, canvasSize } from "../canvas-size.ts";
import { pixelSpan } from "../picture-findings.ts";
import { failureReason, isDamage, strictness } from "./decoding-failure.ts";
import { DecodingTurns } from "./decoding-turns.ts";
import { otherKind } from "./picture-kind.ts";
import { openSource, type PictureSource } from "./picture-source.ts";
import type { Scaling } from "./read-samples.ts";
import { refusedPicture } from "./refused-picture.ts";
import { unfinishedFile } from "./unfinished-file.ts";

export { MAX_PIXELS } from "./picture-source.ts";

/** A side of one pixel cannot be cropped. */
const MIN_SIDE = 2;
const turns = new DecodingTurns();

/** Pixels [height, width, 3], row by row, RGB. */
export interface InterleavedPicture {
  height: number;
  width: number;
  data: Uint8Array;
}

/** Facts about a decoded picture that a user may want to know. */
export interface PictureTraits {
  /** The largest difference within a channel, 0 to 255: 0 is one colour. */
  span: number;
  /**
   * The background its transparency was put on; null for an opaque picture, or if a colour was asked for.
   */
  backdrop: "white" | "black" | null;
  /** Whether only its middle is kept because it is longer than 3:1. */
  cropped: boolean;
  /** How its samples were scaled, if the file does not say it. */
  scaling: Scaling | null;
}

export interface DecodedPicture extends InterleavedPicture {
  traits: PictureTraits;
}

/** An encoded picture and its size in pixels. */
export interface EncodedPicture {
  height: number;
  width: number;
  data: Uint8Array;
  traits: PictureTraits;
}

/**
 * Decodes a picture of any kind that sharp reads (JPEG, PNG, WebP, AVIF, TIFF, GIF, SVG; recognised by
 * contents, not by name) to 8-bit sRGB. It is turned as its EXIF orientation says; of an animation, the first
 * frame is used.
 *
 * The file's own description of its samples is followed: number format and bits (`data/scale-samples.ts` has
 * the rules), bands and colour space (`tiff-layout.ts`), units of an SVG (`svg-at-size.ts`). Transparency is
 * put on `background`; "auto" is white or black, by the rule of {@link chooseBackground}.
 *
 * A picture larger than `side` is shrunk in proportion to fit a square of that side; a smaller one keeps its
 * size; one of more than 3:1 that has to shrink keeps its middle (see {@link canvasSize}). An SVG has no size
 * of its own in pixels and is drawn to fit. An SVG cannot reach files or the network: its renderer gets bytes
 * without an address, and then resolves only `data:` links.
 *
 * @throws AfterimageError `data/format` when the bytes are no picture, of a kind that is not read, cut short,
 *   broken, of more than {@link MAX_PIXELS}, or thinner than two pixels. The reason is the same in every run.
 */
export async function decodePicture(
  bytes: Uint8Array,
  side: number,
  background: Background = "auto",
): Promise<DecodedPicture> {
  return guarded(bytes, async (failOn) => {
    const { image, size, traits } = await laid(bytes, side, background, failOn);
    const picture = await pixelsOf(image);
    return {
      ...picture,
      traits: { ...traits, span: pixelSpan(picture.data, 3, "interleaved"), cropped: size.cropped },
    };
  });
}

/**
 * Decodes a picture as {@link decodePicture} does and encodes it again, small and quick to decode.
 *
 * JPEG at quality 95 without chroma subsampling: on 336×252 photographs 49 KB and 2.1 ms to decode. WebP of
 * the same error takes 30 KB and 4.3 ms, lossless WebP 115 KB and 4.4 ms, PNG 251 KB and 2.3 ms, raw pixels
 * 254 KB.
 *
 * @throws AfterimageError `data/format` as {@link decodePicture}.
 */
export async function reencodePicture(
  bytes: Uint8Array,
  side: number,
  background: Background = "auto",
): Promise<EncodedPicture> {
  return guarded(bytes, async (failOn) => {
    const { image, size, traits } = await laid(bytes, side, background, failOn);
    const encoder = image.jpeg({ quality: 95, chromaSubsampling: "4:4:4" });
    const { data, info } = await encoder.toBuffer({ resolveWithObject: true });
    const span = pixelSpan(await sharp(data).raw().toBuffer(), 3, "interleaved");
    return {
      height: info.height,
      width: info.width,
      data,
      traits: { ...traits, span, cropped: size.cropped },
    };
  });
}

interface LaidPicture {
  image: Sharp;
  size: CanvasSize;
  traits: Pick<PictureTraits, "backdrop" | "scaling">;
}

/** The picture at its size on the canvas, on its background. */
async function laid(
  bytes: Uint8Array,
  side: number,
  background: Background,
  failOn: "error" | "warning",
): Promise<LaidPicture> {
  const source = await openSource(bytes, side, failOn);
  if (Math.min(source.height, source.width) < MIN_SIDE) throw tooThin(source);
  const size = canvasSize(source.height, source.width, side);
  const { scaling, hasAlpha } = source;
  const over = (colour: string) => pipeline(source, size, side, colour);
  if (background !== "auto") return { image: over(background), size, traits: { backdrop: null, scaling } };
  const [white, black] = [over("#ffffff"), over("#000000")];
  if (!hasAlpha) return { image: white, size, traits: { backdrop: null, scaling } };
  const onWhite = await pixelsOf(white.clone());
  const backdrop = chooseBackground(onWhite.data, (await pixelsOf(black.clone())).data);
  return { image: backdrop === "black" ? black : white, size, traits: { backdrop, scaling } };
}

function pipeline({ image }: PictureSource, size: CanvasSize, side: number, background: string): Sharp {
  const flat = image.clone().flatten({ background });
  const shrunk = size.cropped
    ? flat.resize(size.width, size.height, { fit: "cover" })
    : flat.resize(side, side, { fit: "inside", withoutEnlargement: true });
  return shrunk.toColourspace("srgb");
}

async function pixelsOf(image: Sharp): Promise<InterleavedPicture> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3)
    throw refusedPicture(`the decoder returned ${info.channels} channels instead of 3 (RGB)`);
  return { height: info.height, width: info.width, data };
}

/**
 * Runs a decoding. If it fails, it runs again while no other runs, so that it gets its own reason. Thin
 * pictures and all errors of sharp become one error that says why in a few words.
 *
 * JPEG warnings count as failures if they say that pixels are missing. If they do not (such as bytes between
 * segments, which many cameras write), the picture is decoded again with warnings ignored.
 */
async function guarded<P extends { height: number; width: number }>(
  bytes: Uint8Array,
  decode: (failOn: "error" | "warning") => Promise<P>,
): Promise<P> {
  const reason = otherKind(bytes) ?? unfinishedFile(bytes);
  if (reason !== null) throw refusedPicture(reason);
  const failOn = strictness(bytes);
  const picture = await turns
    .together(() => decode(failOn))
    .catch((error: unknown) => {
      if (error instanceof AfterimageError) throw error;
      return turns.alone(() => decodeAgain(bytes, failOn, decode));
    });
  if (Math.min(picture.height, picture.width) >= MIN_SIDE) return picture;
  throw tooThin(picture);
}

async function decodeAgain<P>(
  bytes: Uint8Array,
  failOn: "error" | "warning",
  decode: (failOn: "error" | "warning") => Promise<P>,
): Promise<P> {
  try {
    return await decode(failOn);
  } catch (error) {
    if (error instanceof AfterimageError) throw error;
    if (failOn === "error" || isDamage(error)) throw refusedPicture(failureReason(error, bytes), error);
  }
  return decodeAgain(bytes, "error", decode);
}

function tooThin({ width, height }: { width: number; height: number }): AfterimageError {
  return refusedPicture(`the picture is too small to crop: ${width}×${height} pixels`);
}

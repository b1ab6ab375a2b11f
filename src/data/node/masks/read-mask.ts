/** Masks of pixels from files: one label for every pixel. */
import sharp from "sharp";
import { AfterimageError } from "../../../errors.ts";
import { type Colour, filePalette, pngSamples } from "./file-palette.ts";

export interface MaskOptions {
  /** The colours of the labels 0, 1, … of masks in colours; a file's own palette by default. */
  colours?: readonly Colour[];
  /** The file's name, for errors. */
  name: string;
}

export interface Mask {
  height: number;
  width: number;
  /** Row by row, 0 to 255. */
  labels: Uint8Array;
  /** What a user should know of how the file was read. */
  notes: readonly string[];
}

/**
 * Reads the labels of a mask.
 *
 * - A PNG of indices or a GIF: the indices, or with `colours` the labels of its colours.
 * - Grey, of 1 to 16 bits: the values themselves.
 * - In colours: the labels by `colours`. Without them, three equal channels are taken as grey.
 *
 * Transparency is passed over, and embedded colour profiles are. A file that is not lossless is refused.
 *
 * @throws AfterimageError `data/format` for a file that cannot be read, or of a kind that loses pixels;
 * `data/targets` for a colour that has no label, a label above 255, or two labels of one colour.
 */
export async function readMask(bytes: Uint8Array, options: MaskOptions): Promise<Mask> {
  const { colours, name } = options;
  const notes: string[] = [];
  const image = sharp(bytes, { ignoreIcc: true });
  const { format, channels, depth, hasAlpha } = await image.metadata().catch((cause: unknown) => {
    throw unreadable(name, cause instanceof Error ? cause.message : `${cause}`);
  });
  if (!LOSSLESS.has(format)) throw lossy(name, format);
  if (hasAlpha) notes.push("masks have transparency, which is passed over");
  const palette = colours ?? filePalette(bytes);
  const isDeep = depth === "ushort";
  const grey = channels <= 2 && palette === null;
  const decoded = grey && isDeep ? image.toColourspace("grey16").raw({ depth: "ushort" }) : image.raw();
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true }).catch((cause: unknown) => {
    throw unreadable(name, cause instanceof Error ? cause.message : `${cause}`);
  });
  const samples = isDeep && grey ? new Uint16Array(new Uint8Array(data).buffer) : new Uint8Array(data);
  const pixels: Pixels = { ...info, samples };
  if (palette !== null) return { ...sizeOf(info), labels: byColour(pixels, palette, options), notes };
  if (channels >= 3)
    notes.push("masks are in colours whose three channels are equal: they are taken as grey");
  return { ...sizeOf(info), labels: byValue(pixels, greyLevels(bytes), name), notes };
}

const LOSSLESS: ReadonlySet<string> = new Set(["png", "gif", "tiff"]);

interface Pixels {
  width: number;
  height: number;
  channels: number;
  samples: Uint8Array | Uint16Array;
}

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ height, width });

/** The factor by which a decoder brings the values of few bits to 0 … 255. */
function greyLevels(bytes: Uint8Array): number {
  const samples = pngSamples(bytes);
  return samples?.isGrey && samples.bits < 8 ? 255 / (2 ** samples.bits - 1) : 1;
}

/** Grey values as labels. */
function byValue({ width, height, channels, samples }: Pixels, factor: number, name: string): Uint8Array {
  const labels = new Uint8Array(width * height);
  for (let at = 0; at < labels.length; at++) {
    const value = samples[at * channels]!;
    if (channels >= 3 && !(samples[at * channels + 1] === value && samples[at * channels + 2] === value)) {
      throw new AfterimageError("data/targets", {
        what: "a mask is in colours, and there is no list of their labels",
        where: placeOf(name, at, width),
        expected: "a palette, or grey values",
        got: colourText(samples.subarray(at * channels, at * channels + 3)),
      });
    }
    if (value / factor > 255) {
      throw new AfterimageError("data/targets", {
        what: "a mask has a label that is too large",
        where: placeOf(name, at, width),
        expected: "0 to 255",
        got: `${value}`,
      });
    }
    labels[at] = value / factor;
  }
  return labels;
}

function byColour(pixels: Pixels, palette: readonly Colour[], { name }: MaskOptions): Uint8Array {
  const { width, height, channels, samples } = pixels;
  const labelOf = labelsByColour(palette, samplesUsed(pixels), name);
  const labels = new Uint8Array(width * height);
  const unknown: number[] = [];
  for (let at = 0; at < labels.length; at++) {
    const label = labelOf.get(keyAt(samples, at, channels));
    if (label === undefined) unknown.push(at);
    else labels[at] = label;
  }
  const [first] = unknown;
  if (first === undefined) return labels;
  const key = keyAt(samples, first, channels);
  const same = unknown.filter((at) => keyAt(samples, at, channels) === key).length;
  throw new AfterimageError("data/targets", {
    what: "a mask has a colour that no label has",
    where: `${placeOf(name, first, width)}, and ${same - 1} more pixels`,
    expected: `one of the ${palette.length} colours of the palette`,
    got: colourText([key >> 16, (key >> 8) & 255, key & 255]),
  });
}

/** The colours that occur, as keys. */
function samplesUsed({ width, height, channels, samples }: Pixels): Set<number> {
  const used = new Set<number>();
  for (let at = 0; at < width * height; at++) used.add(keyAt(samples, at, channels));
  return used;
}

/** Labels by key. Two labels of one colour are a mistake only where a mask has this colour. */
function labelsByColour(
  palette: readonly Colour[],
  used: ReadonlySet<number>,
  name: string,
): ReadonlyMap<number, number> {
  const labelOf = new Map<number, number>();
  for (const [label, colour] of palette.entries()) {
    const key = (colour[0] << 16) | (colour[1] << 8) | colour[2];
    const earlier = labelOf.get(key);
    if (earlier !== undefined && used.has(key)) {
      throw new AfterimageError("data/targets", {
        what: "two labels of a palette have one colour",
        where: name,
        expected: "a colour of its own for every label",
        got: `${colourText(colour)} for ${earlier} and ${label}`,
      });
    }
    if (earlier === undefined) labelOf.set(key, label);
  }
  return labelOf;
}

function keyAt(samples: Uint8Array | Uint16Array, at: number, channels: number): number {
  const start = at * channels;
  if (channels < 3) return samples[start]! * 0x010101;
  return (samples[start]! << 16) | (samples[start + 1]! << 8) | samples[start + 2]!;
}

function placeOf(name: string, at: number, width: number): string {
  return `${name}, row ${Math.floor(at / width)}, column ${at % width}`;
}

function colourText(colour: ArrayLike<number>): string {
  return `rgb(${Array.from(colour).join(", ")})`;
}

function lossy(name: string, format: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "a mask is in a format that may lose labels",
    where: name,
    expected: "PNG, GIF or TIFF",
    got: format,
    todo: "Write the masks again, from their source, as PNG.",
  });
}

function unreadable(name: string, got: string): AfterimageError {
  return new AfterimageError("data/format", { what: "a mask cannot be read", where: name, got });
}

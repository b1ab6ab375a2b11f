import { refusedPicture } from "./refused-picture.ts";
import { TAG, type TiffTags } from "./tiff-tags.ts";

/** The number format of a sample. */
export type NumberFormat = "unsigned" | "signed" | "float";

/** The meaning of a TIFF's samples, if libvips does not report it or reports it wrongly. */
export interface SampleLayout {
  /** The meaning of the first bands. */
  colours: "grey" | "rgb" | "cmyk" | "cielab" | "icclab";
  /** The index of the alpha band, from 0; null if the file names none. */
  alpha: number | null;
  format: NumberFormat;
  bits: number;
  /** Black and white according to the file, or null if it does not say. */
  range: readonly [number, number] | null;
  /** Whether 0 is white. */
  inverted: boolean;
  /** A value that stands for "not measured". */
  noData: number | null;
}

const PHOTOMETRIC_NAMES: Readonly<Record<number, string>> = {
  0: "MinIsWhite",
  1: "MinIsBlack",
  2: "RGB",
  3: "palette",
  4: "transparency mask",
  5: "CMYK",
  6: "YCbCr",
  8: "L*a*b*",
  9: "ICC L*a*b*",
  10: "ITU L*a*b*",
  32803: "colour filter array",
  32844: "LogL",
  32845: "LogLuv",
  34892: "linear raw",
};
/** The largest number of bands that sharp accepts. */
const MOST_BANDS = 5;

/** The tags that describe samples, with TIFF's defaults. */
interface Facts {
  photometric: number;
  bands: number;
  bits: number;
  format: NumberFormat;
  /**
   * The meaning of the bands after the colours: 0 unspecified, 1 alpha with which the colours are multiplied,
   * 2 alpha.
   */
  extras: readonly number[];
}

/**
 * Decides how a TIFF is read.
 *
 * Ordinary ones (up to 8 bits or 16 unsigned; grey, RGB, palette, CMYK, YCbCr, 16-bit L*a*b*; alpha if
 * ExtraSamples says so) are read by libvips: null. For all others the layout describes the samples:
 *
 * - signed, 32-bit and floating-point samples, scaled as `data/scale-samples.ts` says;
 * - 3 bands under MinIsBlack are RGB, as scientific programs write it;
 * - bands that ExtraSamples does not call alpha (near infrared, spot inks) are left out;
 * - L*a*b* of 8 bits and ICC L*a*b* are converted, MinIsWhite is turned over in every number format;
 * - SMinSampleValue and SMaxSampleValue, or a MaxSampleValue of 2^k - 1, are white and black.
 *
 * @throws AfterimageError `data/format` naming the property that is not supported.
 */
export function tiffLayout(tags: TiffTags): SampleLayout | null {
  const facts = factsOf(tags);
  const { photometric, bands, bits, format, extras } = facts;
  requireNumbers(facts);
  const colours = coloursOf(facts, tags);
  if (colours === null) return null;
  const colourBands = COLOUR_BANDS[colours];
  const alpha = alphaBand(facts, colourBands);
  const range = rangeOf(tags, facts);
  // libvips inverts MinIsWhite before the real number of bits can be seen.
  const isTurned = photometric === 0 && bits === 16;
  const isPlain =
    format === "unsigned" && bits <= 16 && range === null && ORDINARY.has(photometric) && !isTurned;
  const isWhole = bands === colourBands || (bands === colourBands + 1 && (extras.at(-1) ?? 0) > 0);
  const isNamed = !(photometric <= 1 && colours === "rgb") && !(photometric === 8 && bits === 8);
  if (isPlain && isWhole && isNamed) return null;
  requireSamples(facts, colours);
  return { colours, alpha, format, bits, range, inverted: photometric === 0, noData: noDataOf(tags) };
}

const COLOUR_BANDS = { grey: 1, rgb: 3, cmyk: 4, cielab: 3, icclab: 3 } as const;
/** Photometric interpretations that libvips reads correctly. */
const ORDINARY: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, 6, 8]);

function factsOf({ numbers }: TiffTags): Facts {
  const bands = numbers.get(TAG.samplesPerPixel)?.[0] ?? 1;
  const allBits = numbers.get(TAG.bitsPerSample) ?? [1];
  const formats = numbers.get(TAG.sampleFormat) ?? [1];
  if (new Set(allBits).size > 1)
    throw refusedPicture(
      `a TIFF whose bands have different numbers of bits (${allBits.join(", ")}) is not supported`,
    );
  if (new Set(formats).size > 1)
    throw refusedPicture("a TIFF whose bands have different number formats is not supported");
  return {
    photometric: numbers.get(TAG.photometric)?.[0] ?? (bands >= 3 ? 2 : 1),
    bands,
    bits: allBits[0]!,
    format: formatOf(formats[0]!),
    extras: numbers.get(TAG.extraSamples) ?? [],
  };
}

function formatOf(number: number): NumberFormat {
  if (number === 1 || number === 4) return "unsigned"; // 4 says nothing
  if (number === 2) return "signed";
  if (number === 3) return "float";
  throw refusedPicture("a TIFF of complex numbers is not supported");
}

const BITS: Readonly<Record<NumberFormat, readonly number[]>> = {
  unsigned: [1, 2, 4, 8, 16, 32],
  signed: [8, 16, 32],
  float: [16, 32],
};

function requireNumbers({ bits, format, bands }: Facts): void {
  if (!BITS[format].includes(bits)) {
    const wanted = format === "float" ? "32-bit floating point" : "8, 16 or 32 bits";
    const kind = format === "float" ? "floating-point" : format === "signed" ? "signed" : "unsigned";
    throw refusedPicture(`a TIFF of ${bits}-bit ${kind} samples is not supported; save it with ${wanted}`);
  }
  if (bands > MOST_BANDS) {
    throw refusedPicture(`a TIFF of ${bands} bands is not supported; save its three colour bands as RGB`);
  }
}

/** The meaning of the colour bands; null if libvips has to read them (palettes and YCbCr). */
function coloursOf(facts: Facts, { numbers }: TiffTags): SampleLayout["colours"] | null {
  const { photometric, bands } = facts;
  const name = PHOTOMETRIC_NAMES[photometric] ?? `${photometric}`;
  switch (photometric) {
    case 0:
    case 1:
      return greyOrRgb(facts, name);
    case 2:
      return requireBands(bands, 3, "rgb", name);
    case 3:
    case 6:
      return null;
    case 5:
      if ((numbers.get(TAG.inkSet)?.[0] ?? 1) !== 1)
        throw refusedPicture("a TIFF of inks other than CMYK is not supported");
      return requireBands(bands, 4, "cmyk", name);
    case 8:
      return requireBands(bands, 3, "cielab", name);
    case 9:
      return requireBands(bands, 3, "icclab", name);
    default:
      throw refusedPicture(`a TIFF with the photometric interpretation ${name} is not supported`);
  }
}

/** One band, with or without another one; or three, with or without alpha. */
function greyOrRgb({ photometric, bands, extras }: Facts, name: string): "grey" | "rgb" {
  if (bands <= 2) return "grey";
  const hasAlpha = (extras.at(-1) ?? 0) > 0;
  if (photometric === 1 && (bands === 3 || (bands === 4 && hasAlpha))) return "rgb";
  throw refusedPicture(
    `a TIFF of ${bands} bands with the photometric interpretation ${name} is not supported`,
  );
}

function requireBands<C extends SampleLayout["colours"]>(
  bands: number,
  least: number,
  colours: C,
  name: string,
): C {
  if (bands >= least) return colours;
  throw refusedPicture(
    `a TIFF of ${bands} ${bands === 1 ? "band" : "bands"} with the photometric interpretation ${name} is not supported`,
  );
}

/** ExtraSamples describes the last bands. Under MinIsBlack some of them may be colours. */
function alphaBand({ bands, extras }: Facts, colourBands: number): number | null {
  const beyond = bands - colourBands;
  const ofBeyond = beyond === 0 ? [] : extras.slice(-beyond);
  const place = ofBeyond.findIndex((kind) => kind === 1 || kind === 2);
  return place < 0 ? null : colourBands + place;
}

/** Checks the limits of the code that reads samples by a layout. */
function requireSamples(
  { format, bits, extras, photometric }: Facts,
  colours: SampleLayout["colours"],
): void {
  const isWide = format !== "unsigned" || bits > 16;
  if (isWide && colours !== "grey" && colours !== "rgb") {
    throw refusedPicture(
      `a TIFF of ${format === "float" ? "floating-point" : `${bits}-bit ${format}`} samples in ${PHOTOMETRIC_NAMES[photometric]} is not supported`,
    );
  }
  if (isWide && extras.includes(1)) {
    throw refusedPicture("a TIFF whose colours are multiplied by alpha is supported only with 8 or 16 bits");
  }
}

function rangeOf({ numbers }: TiffTags, { format, bits }: Facts): readonly [number, number] | null {
  const low = numbers.get(TAG.sMinSampleValue);
  const high = numbers.get(TAG.sMaxSampleValue);
  if (high !== undefined && high.length > 0) {
    const range = [Math.min(...(low?.length ? low : [0])), Math.max(...high)] as const;
    const isWhole = format === "unsigned" && bits <= 16 && range[0] === 0 && range[1] === 2 ** bits - 1;
    if (!isWhole && range[1] > range[0]) return range;
  }
  const most = numbers.get(TAG.maxSampleValue)?.[0] ?? 0;
  const saidBits = Math.log2(most + 1);
  const isFewer = format === "unsigned" && Number.isInteger(saidBits) && saidBits > 8 && saidBits < bits;
  return isFewer ? [0, most] : null;
}

function noDataOf({ texts }: TiffTags): number | null {
  const text = texts.get(TAG.gdalNoData) ?? "";
  return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

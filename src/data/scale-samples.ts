/** The meaning of a picture's samples: which values are black and white. */
export interface SampleScale {
  format: "unsigned" | "signed" | "float";
  bits: number;
  /** Black and white if the file gives them; otherwise {@link sampleRange} decides. */
  range?: readonly [number, number] | null;
  /** Whether 0 is white. */
  inverted?: boolean;
  /** A value that means "not measured": it becomes black and does not count for the range. */
  noData?: number | null;
}

/** Interleaved samples `[pixels, bands]`, of which the first `colours` bands are used. */
export interface SampleBands {
  samples: Float32Array;
  bands: number;
  colours: number;
}

/** The usual numbers of bits of unsigned integers. */
const USUAL_BITS = [8, 12, 16, 24, 32];

/**
 * Black and white of samples whose file does not give them:
 *
 * - unsigned integers: 0 to 2^k - 1, where k is the bits of a sample. But k is 12 for 16-bit samples that are
 *   all below 4096 (cameras, microscopes and scanners write 12 bits in 16). For 32-bit samples it is the
 *   smallest of 8, 12, 16, 24 and 32 bits that holds the largest sample;
 * - floating point within 0 to 1: 0 to 1;
 * - floating point beyond that, and signed integers: the smallest to the largest sample of the picture.
 *
 * All colour bands share one range, so that colours keep their hue. NaN, infinity and "not measured" do not
 * count.
 */
export function sampleRange(bands: SampleBands, scale: SampleScale): [number, number] {
  if (scale.range) return [scale.range[0], scale.range[1]];
  const [low, high] = extremes(bands, scale.noData ?? null);
  if (scale.format === "unsigned") {
    const fitting =
      scale.bits <= 8 ? [scale.bits] : USUAL_BITS.filter((bits) => isPossible(bits, scale.bits));
    const bits = fitting.find((one) => high < 2 ** one) ?? scale.bits;
    return [0, 2 ** bits - 1];
  }
  if (scale.format === "float" && low >= 0 && high <= 1) return [0, 1];
  return [low, high];
}

/** 16-bit samples may have 12 bits. If they fit into 8, the picture is more likely dark. */
function isPossible(bits: number, ofSample: number): boolean {
  return bits <= ofSample && (ofSample > 16 || bits > 8);
}

/** The smallest and largest finite sample of the colour bands; 0 and 0 if there is none. */
export function extremes({ samples, bands, colours }: SampleBands, noData: number | null): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const absent = noData === null ? Number.NaN : Math.fround(noData);
  for (let start = 0; start < samples.length; start += bands) {
    for (let band = start; band < start + colours; band++) {
      const value = samples[band]!;
      if (!Number.isFinite(value) || value === absent) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? [0, 0] : [low, high];
}

/**
 * Scales the colour bands to bytes: black 0, white 255, rounded and clipped. If black and white are equal,
 * all is black. NaN is black too.
 *
 * @param alpha the alpha band, which follows the colours: 0 to 1 for floats, 0 to 2^bits - 1 for integers.
 * @returns uint8 `[pixels, colours]`, or `[pixels, colours + 1]` with alpha.
 */
export function scaleSamples(
  given: SampleBands,
  scale: SampleScale,
  alpha: number | null = null,
): Uint8Array {
  const { samples, bands, colours } = given;
  const [low, high] = sampleRange(given, scale);
  const factor = high > low ? 255 / (high - low) : 0;
  const absent = scale.noData == null ? Number.NaN : Math.fround(scale.noData);
  const turn = scale.inverted === true;
  const opaque = scale.format === "float" ? 1 : 2 ** (scale.bits - (scale.format === "signed" ? 1 : 0)) - 1;
  const bandsOut = colours + (alpha === null ? 0 : 1);
  const out = new Uint8Array((samples.length / bands) * bandsOut);
  for (let from = 0, to = 0; from < samples.length; from += bands, to += bandsOut) {
    for (let band = 0; band < colours; band++) {
      const value = samples[from + band]!;
      if (Number.isNaN(value) || value === absent) continue;
      const byte = Math.round(Math.min(255, Math.max(0, (value - low) * factor)));
      out[to + band] = turn ? 255 - byte : byte;
    }
    if (alpha !== null) {
      out[to + colours] = Math.round(255 * Math.min(1, Math.max(0, samples[from + alpha]! / opaque)));
    }
  }
  return out;
}

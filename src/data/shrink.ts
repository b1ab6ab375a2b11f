/** Pictures of one size: uint8 [count, channels, height, width]. */
export interface PictureStack {
  count: number;
  channels: 1 | 3;
  height: number;
  width: number;
  pixels: Uint8Array;
}

/**
 * Shrinks pictures to fit inside a square of `side`, keeping their proportions; pictures that fit already are
 * returned unchanged. Antialiased: a triangle filter as wide as two output pixels, as in Pillow's bilinear
 * reduction.
 */
export function shrinkToFit(stack: PictureStack, side: number): PictureStack {
  const { height, width } = fitInside(stack.height, stack.width, side);
  if (height === stack.height && width === stack.width) return stack;
  const planes = stack.count * stack.channels;
  const pixels = new Uint8Array(planes * height * width);
  const across = tapsFor(stack.width, width);
  const down = tapsFor(stack.height, height);
  const from = stack.height * stack.width;
  for (let plane = 0; plane < planes; plane++) {
    const narrow = resampleTurned(
      stack.pixels.subarray(plane * from, (plane + 1) * from),
      stack.width,
      across,
    ); // [w, H]
    const small = resampleTurned(narrow, stack.height, down); // [h, w]
    for (let i = 0; i < small.length; i++) pixels[plane * small.length + i] = Math.round(small[i]!);
  }
  return { ...stack, height, width, pixels };
}

/**
 * The largest rectangle of the same proportions inside a square of `side`, never larger than the picture
 * itself.
 */
export function fitInside(height: number, width: number, side: number): { height: number; width: number } {
  const scale = Math.min(1, side / Math.max(height, width));
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

/** The input pixels that contribute to one output pixel. */
interface Taps {
  first: number;
  weights: Float64Array;
}

/**
 * Weights w(x) ∝ max(0, 1 - |x - centre| / scale) over input pixel centres, summing to 1, for each output
 * place.
 */
function tapsFor(from: number, to: number): Taps[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - scale));
    const end = Math.min(from, Math.ceil(centre + scale));
    const weights = new Float64Array(end - first);
    for (let x = first; x < end; x++)
      weights[x - first] = Math.max(0, 1 - Math.abs(x + 0.5 - centre) / scale);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}

/** Resamples each row, [rows, length] to [rows, taps], and returns the transpose: [taps, rows]. */
function resampleTurned(values: ArrayLike<number>, length: number, taps: readonly Taps[]): Float32Array {
  const rows = values.length / length;
  const out = new Float32Array(taps.length * rows);
  taps.forEach(({ first, weights }, place) => {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++)
        sum += weights[tap]! * values[row * length + first + tap]!;
      out[place * rows + row] = sum;
    }
  });
  return out;
}

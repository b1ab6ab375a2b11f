/**
 * The arithmetic of an edited copy, in plain TypeScript on planar pictures of numbers between 0 and 1: crop
 * and scale, colours, blur.
 */
/** The random choices of one edited copy. Lengths are fractions of the picture's side. */
export interface CopyEdit {
  /** The part that is kept: 50 to 100 % of the area, with sides in a ratio of 3:4 to 4:3. */
  top: number;
  left: number;
  height: number;
  width: number;
  mirrored: boolean;
  /** White balance: a factor for red, green and blue. */
  gains: readonly [number, number, number];
  /** v to v^gamma, with v between 0 and 1. */
  gamma: number;
  /** 0 is grey, 1 does not change the colours. */
  saturation: number;
  /** Standard deviation of the blur as a share of the copy's side. */
  blur: number;
}

/** The edited copy [3, R, R] of one picture [3, S, S]: cropped, scaled, mirrored, recoloured, blurred. */
export function applyEdit(
  picture: Uint8Array,
  size: number,
  edit: CopyEdit,
  outSize: number,
): Uint8ClampedArray {
  const rows = resampleTaps(edit.top * size, edit.height * size, size, outSize);
  const columns = resampleTaps(edit.left * size, edit.width * size, size, outSize);
  if (edit.mirrored) columns.reverse();
  const plane = outSize * outSize;
  const copy = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++)
    resample(picture.subarray(c * size * size), size, rows, columns, copy.subarray(c * plane));
  recolour(copy, edit);
  for (let c = 0; c < 3; c++) soften(copy.subarray(c * plane, (c + 1) * plane), outSize, edit.blur * outSize);
  return Uint8ClampedArray.from(copy, (v) => 255 * v);
}

/** The sources of one pixel of the result along one axis: weights that sum to 1, from pixel `first` on. */
interface Taps {
  first: number;
  weights: number[];
}

/**
 * The taps of `count` pixels that cover the stretch [start, start + length) of an axis of `size` pixels. They
 * are linear interpolation for enlargement, and for reduction a triangle as wide as a new pixel.
 */
function resampleTaps(start: number, length: number, size: number, count: number): Taps[] {
  const scale = length / count;
  const radius = Math.max(1, scale);
  return Array.from({ length: count }, (_, i) => {
    const centre = start + (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - radius));
    const last = Math.min(size - 1, Math.floor(centre + radius));
    const weights = [];
    for (let k = first; k <= last; k++) weights.push(Math.max(1e-6, 1 - Math.abs(k - centre) / radius));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / sum) };
  });
}

/** One channel: rows first, then columns. 0..255 becomes 0..1. */
function resample(
  channel: Uint8Array,
  size: number,
  rows: readonly Taps[],
  columns: readonly Taps[],
  out: Float32Array,
): void {
  const line = new Float32Array(size);
  rows.forEach((row, y) => {
    line.fill(0);
    row.weights.forEach((weight, k) => {
      const from = (row.first + k) * size;
      for (let x = 0; x < size; x++) line[x]! += (weight * channel[from + x]!) / 255;
    });
    columns.forEach(({ first, weights }, x) => {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * line[first + k]!;
      out[y * columns.length + x] = sum;
    });
  });
}

/** White balance, gamma, then saturation around the luma of ITU-R BT.601. */
function recolour(copy: Float32Array, { gains, gamma, saturation }: CopyEdit): void {
  const plane = copy.length / 3;
  const tone = (c: number, i: number) => (gains[c]! * copy[c * plane + i]!) ** gamma;
  for (let i = 0; i < plane; i++) {
    const r = tone(0, i);
    const g = tone(1, i);
    const b = tone(2, i);
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    copy[i] = luma + saturation * (r - luma);
    copy[plane + i] = luma + saturation * (g - luma);
    copy[2 * plane + i] = luma + saturation * (b - luma);
  }
}

/**
 * Passes of the filter [w, 1 - 2w, w] along both axes. Each pass has variance 2w, at most 1/2, and variances
 * add up. Many passes tend to a Gaussian.
 */
function soften(channel: Float32Array, size: number, deviation: number): void {
  const variance = deviation ** 2;
  const passes = Math.ceil(variance / 0.5);
  const w = passes === 0 ? 0 : variance / passes / 2;
  for (let pass = 0; pass < passes; pass++) {
    for (let row = 0; row < size; row++) softenLine(channel, row * size, 1, size, w);
    for (let column = 0; column < size; column++) softenLine(channel, column, size, size, w);
  }
}

function softenLine(values: Float32Array, start: number, step: number, count: number, w: number): void {
  let before = values[start]!;
  for (let k = 0, at = start; k < count; k++, at += step) {
    const here = values[at]!;
    const after = k + 1 < count ? values[at + step]! : here;
    values[at] = w * before + (1 - 2 * w) * here + w * after;
    before = here;
  }
}

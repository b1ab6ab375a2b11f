/**
 * Predictions for every pixel of a picture that is larger than what the network takes: by windows that
 * overlap.
 */
import { AfterimageError } from "../errors.ts";

export interface SlidingOptions {
  /** Height and width of the picture, in pixels. */
  height: number;
  width: number;
  /** Side of the windows, in pixels. */
  window: number;
  /** The share of a window that the next one covers too, at least; from 0, below 1. Default a third. */
  overlap?: number;
  /** K, the numbers that are predicted for a pixel. */
  classes: number;
  /** Windows that are predicted at a time. Default 4. */
  batchSize?: number;
  /**
   * Predicts windows `[n, 3, window, window]`: `[n, K, window, window]`, logits or probabilities, which are
   * blended as they are. The last batch has fewer windows.
   */
  predict(windows: Float32Array, count: number): Promise<Float32Array>;
}

/**
 * The class of the largest blended number at every pixel, `[H, W]`, row by row.
 *
 * Each window counts the more the nearer a pixel is to its middle: by the product of the distances from its
 * borders. Windows begin at the borders of the picture and overlap evenly. A picture that is smaller than a
 * window is put into one, with zeros around it. Beside the picture and the result, memory is that of a strip
 * of one window's height.
 *
 * @param picture `[3, H, W]`, normalised: zeros are the mean colour.
 * @throws AfterimageError `usage/value` for sizes that are not above 0 or an overlap out of range;
 * `evaluate/shape` when the picture or a prediction has another size.
 */
export async function predictBySliding(picture: Float32Array, options: SlidingOptions): Promise<Uint8Array> {
  requireSizes(picture, options);
  const { height, width, window, overlap = 1 / 3 } = options;
  const [rows, columns] = [height, width].map((size) => windowStarts(size, window, overlap));
  const strip = new Strip(options);
  const classes = new Uint8Array(height * width);
  for (const [i, top] of rows!.entries()) {
    await addRow(strip, picture, top, columns!, options);
    const end = rows![i + 1] ?? height;
    strip.finish(top, end, classes);
  }
  return classes;
}

/**
 * Where windows begin along a side: at 0 and at the end, and evenly between, so that neighbours share at
 * least this part of a window. One window at 0 if the side is no longer than it.
 */
export function windowStarts(size: number, window: number, overlap: number): number[] {
  if (size <= window) return [0];
  const most = Math.max(1, Math.floor(window * (1 - overlap)));
  const count = Math.ceil((size - window) / most);
  return Array.from({ length: count + 1 }, (_, i) => Math.round((i * (size - window)) / count));
}

/** Predicts a row of windows, some at a time. */
async function addRow(
  strip: Strip,
  picture: Float32Array,
  top: number,
  columns: readonly number[],
  options: SlidingOptions,
): Promise<void> {
  const { window, classes, batchSize = 4, predict } = options;
  for (let first = 0; first < columns.length; first += batchSize) {
    const lefts = columns.slice(first, first + batchSize);
    const windows = new Float32Array(lefts.length * 3 * window ** 2);
    for (const [i, left] of lefts.entries())
      cut(picture, { top, left }, options, windows.subarray(i * 3 * window ** 2, (i + 1) * 3 * window ** 2));
    const predicted = await predict(windows, lefts.length);
    const size = classes * window ** 2;
    if (predicted.length !== lefts.length * size)
      throw misfit("a prediction of windows", `${lefts.length} × ${classes} × ${window}²`, predicted.length);
    for (const [i, left] of lefts.entries())
      strip.add(predicted.subarray(i * size, (i + 1) * size), top, left);
  }
}

/** Copies a window out of the picture; what lies outside stays 0. */
function cut(
  picture: Float32Array,
  { top, left }: { top: number; left: number },
  { height, width, window }: SlidingOptions,
  out: Float32Array,
): void {
  const [rows, columns] = [Math.min(window, height - top), Math.min(window, width - left)];
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < rows; row++) {
      const from = (channel * height + top + row) * width + left;
      out.set(picture.subarray(from, from + columns), (channel * window + row) * window);
    }
}

/** The blended numbers of some rows: a ring of as many rows as a window has. */
class Strip {
  readonly #sums: Float32Array;
  readonly #profile: Float32Array;
  readonly #options: SlidingOptions;

  constructor(options: SlidingOptions) {
    const { width, window, classes } = options;
    this.#options = options;
    this.#sums = new Float32Array(classes * window * width);
    this.#profile = Float32Array.from({ length: window }, (_, i) => Math.min(i + 0.5, window - i - 0.5));
  }

  /** Adds the weighted numbers of one window, `[K, window, window]`. */
  add(numbers: Float32Array, top: number, left: number): void {
    const { height, width, window, classes } = this.#options;
    const [rows, columns] = [Math.min(window, height - top), Math.min(window, width - left)];
    for (let k = 0; k < classes; k++)
      for (let row = 0; row < rows; row++) {
        const weight = this.#profile[row]!;
        const to = (k * window + ((top + row) % window)) * width + left;
        const from = (k * window + row) * window;
        for (let column = 0; column < columns; column++)
          this.#sums[to + column]! += weight * this.#profile[column]! * numbers[from + column]!;
      }
  }

  /**
   * Writes the classes of the rows from `top` up to `end`, which no further window reaches, and clears them.
   * All numbers of a pixel were added under the same weights, so their order is that of their means.
   */
  finish(top: number, end: number, classes: Uint8Array): void {
    const { width, window, classes: count } = this.#options;
    for (let row = top; row < end; row++) {
      const at = (k: number) => (k * window + (row % window)) * width;
      for (let column = 0; column < width; column++) {
        let best = 0;
        for (let k = 1; k < count; k++)
          if (this.#sums[at(k) + column]! > this.#sums[at(best) + column]!) best = k;
        classes[row * width + column] = best;
      }
      for (let k = 0; k < count; k++) this.#sums.fill(0, at(k), at(k) + width);
    }
  }
}

function requireSizes(picture: Float32Array, options: SlidingOptions): void {
  const { height, width, window, classes, overlap = 1 / 3, batchSize = 4 } = options;
  for (const [name, value, most] of [
    ["the window", window, Number.POSITIVE_INFINITY],
    ["the number of classes", classes, 256],
    ["the batch", batchSize, Number.POSITIVE_INFINITY],
  ] as const)
    if (!(Number.isInteger(value) && value >= 1 && value <= most))
      throw outOfRange(name, "a whole number from 1", value);
  if (!(overlap >= 0 && overlap < 1)) throw outOfRange("the overlap of windows", "from 0, below 1", overlap);
  if (picture.length !== 3 * height * width)
    throw misfit("the picture", `3 × ${height} × ${width}`, picture.length);
}

function outOfRange(what: string, expected: string, got: number): AfterimageError {
  return new AfterimageError("usage/value", { what: `${what} is out of range`, expected, got: `${got}` });
}

function misfit(what: string, sizes: string, got: number): AfterimageError {
  return new AfterimageError("evaluate/shape", {
    what: `${what} has another size`,
    expected: `${sizes} numbers`,
    got: `${got}`,
  });
}

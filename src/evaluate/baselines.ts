import type { EvaluationBox } from "../augment/evaluation-view.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { requireCount } from "./checks.ts";

export interface PixelOptions {
  /** Side of the pictures given. */
  canvas: number;
  /** Side of the pictures wanted. */
  side: number;
  /** The square of each picture that is used; the whole picture by default. */
  boxes?: readonly EvaluationBox[];
}

/**
 * Raw pixels as features, the baseline that a representation has to beat. The box of each picture is resized
 * to `side` × `side` by area averaging: an output pixel is the mean of the input pixels it covers, partly
 * covered pixels weighted by their share.
 *
 * @param pictures uint8 `[N, 3, canvas, canvas]`.
 * @returns `[N, 3 · side · side]`, in [0, 1].
 * @throws AfterimageError `evaluate/shape` when the pictures are not whole, or there is not one box for each
 * picture.
 */
export function pixelFeatures(pictures: Uint8Array, options: PixelOptions): Matrix {
  const { canvas, side } = options;
  const rows = countPictures(pictures, options);
  const data = new Float32Array(rows * 3 * side * side);
  const spansOf = rememberedSpans(side);
  for (let plane = 0; plane < rows * 3; plane++) {
    const [top, left, height, width] = options.boxes?.[Math.floor(plane / 3)] ?? [0, 0, canvas, canvas];
    const region = { from: plane * canvas * canvas + top * canvas + left, height, stride: canvas };
    const spans = { down: spansOf(height), across: spansOf(width) };
    averageRegion(pictures, region, spans, data.subarray(plane * side * side, (plane + 1) * side * side));
  }
  return { rows, cols: 3 * side * side, data };
}

function countPictures(pictures: Uint8Array, { canvas, side, boxes }: PixelOptions): number {
  requireCount("canvas", canvas, 1);
  requireCount("side", side, 1);
  const rows = pictures.length / (3 * canvas * canvas);
  if (!Number.isInteger(rows)) {
    throw new AfterimageError("evaluate/shape", {
      what: "the array does not hold a whole number of pictures",
      expected: `a multiple of 3 × ${canvas} × ${canvas} bytes`,
      got: `${pictures.length}`,
    });
  }
  if (boxes !== undefined && boxes.length !== rows) {
    throw new AfterimageError("evaluate/shape", {
      what: "the number of boxes differs from the number of pictures",
      expected: `${rows}`,
      got: `${boxes.length}`,
    });
  }
  return rows;
}

/** Rows of a plane's box: where it starts, how many there are, and how far apart they are. */
interface Region {
  from: number;
  height: number;
  stride: number;
}

/** First along every row, then down the columns, into `out` `[side, side]`. */
function averageRegion(
  pictures: Uint8Array,
  { from, height, stride }: Region,
  spans: { down: readonly Span[]; across: readonly Span[] },
  out: Float32Array,
): void {
  const side = spans.across.length;
  const narrow = new Float64Array(height * side); // [height, side]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < side; x++)
      narrow[y * side + x] = average(pictures, from + y * stride, 1, spans.across[x]!);
  }
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) out[y * side + x] = average(narrow, x, side, spans.down[y]!) / 255;
  }
}

/** Spans by length, each computed once: the pictures of a data set have few different lengths. */
function rememberedSpans(side: number): (length: number) => readonly Span[] {
  const known = new Map<number, readonly Span[]>();
  return (length) => {
    const spans = known.get(length) ?? Array.from({ length: side }, (_, at) => areaSpan(at, length, side));
    known.set(length, spans);
    return spans;
  };
}

/** Consecutive input pixels under one output pixel, and the share that each has in it. */
interface Span {
  first: number;
  shares: Float64Array;
}

function areaSpan(place: number, from: number, to: number): Span {
  // Measured in 1/to of an input pixel all edges are whole numbers: [place·from, (place + 1)·from).
  const [low, high] = [place * from, (place + 1) * from];
  const first = Math.floor(low / to);
  const shares = new Float64Array(Math.ceil(high / to) - first);
  for (let i = 0; i < shares.length; i++) {
    const covered = Math.min(high, (first + i + 1) * to) - Math.max(low, (first + i) * to);
    shares[i] = covered / from;
  }
  return { first, shares };
}

function average(values: ArrayLike<number>, start: number, step: number, { first, shares }: Span): number {
  let sum = 0;
  for (let i = 0; i < shares.length; i++) sum += shares[i]! * values[start + (first + i) * step]!;
  return sum;
}

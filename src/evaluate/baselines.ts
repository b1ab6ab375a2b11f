import type { Matrix } from "../data/matrix.ts";
import { AfterimageError } from "../errors.ts";
import { requireCount } from "./checks.ts";

/**
 * Raw pixels as features, the baseline that a representation has to beat: each picture resized to `side` × `side`
 * by area averaging (an output pixel is the mean of the input it covers, partly covered pixels by their share).
 *
 * @param pictures uint8 `[N, 3, canvas, canvas]`.
 * @returns `[N, 3 · side · side]`, in [0, 1].
 * @throws AfterimageError `evaluate/shape` when the pictures are not whole.
 */
export function pixelFeatures(
  pictures: Uint8Array,
  { canvas, side }: { canvas: number; side: number },
): Matrix {
  requireCount("canvas", canvas, 1);
  requireCount("side", side, 1);
  const rows = pictures.length / (3 * canvas * canvas);
  if (!Number.isInteger(rows)) {
    throw new AfterimageError("evaluate/shape", {
      what: "the pictures are not whole",
      expected: `a multiple of 3 × ${canvas} × ${canvas} bytes`,
      got: `${pictures.length}`,
    });
  }
  const spans = Array.from({ length: side }, (_, place) => areaSpan(place, canvas, side));
  const data = new Float32Array(rows * 3 * side * side);
  const narrow = new Float64Array(canvas * side); // [canvas, side]
  for (let plane = 0; plane < rows * 3; plane++) {
    const from = plane * canvas * canvas;
    for (let y = 0; y < canvas; y++) {
      for (let x = 0; x < side; x++)
        narrow[y * side + x] = average(pictures, from + y * canvas, 1, spans[x]!);
    }
    const to = plane * side * side;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) data[to + y * side + x] = average(narrow, x, side, spans[y]!) / 255;
    }
  }
  return { rows, cols: 3 * side * side, data };
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

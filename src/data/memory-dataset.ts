import { AfterimageError } from "../errors.ts";
import { bytesOf } from "../formats/named-array.ts";
import { contentHash, textHash } from "./content-hash.ts";
import { canvasBytes, makeDataset, type PictureDataset } from "./picture-dataset.ts";

export interface MemoryPictures {
  canvas: number;
  /** uint8 [N, 3, canvas, canvas]; kept, not copied. */
  pictures: Uint8Array;
  /** Valid rectangles; whole canvases by default. */
  heights?: Int32Array;
  widths?: Int32Array;
  /** "0", "1", … by default. */
  names?: readonly string[];
  labels?: Int32Array | null;
  classNames?: readonly string[] | null;
}

/**
 * A data set of canvases that are already in memory.
 *
 * @throws AfterimageError `data/format` when the parts do not fit together.
 */
export function memoryDataset(source: MemoryPictures): PictureDataset {
  const { canvas, pictures } = source;
  const size = pictures.length / canvasBytes(canvas);
  if (!Number.isInteger(size)) {
    throw new AfterimageError("data/format", {
      what: "the array of pictures does not hold a whole number of canvases",
      expected: `a multiple of ${canvasBytes(canvas)} bytes (3 × ${canvas} × ${canvas})`,
      got: `${pictures.length} bytes`,
    });
  }
  const { heights = new Int32Array(size).fill(canvas), widths = new Int32Array(size).fill(canvas) } = source;
  const names = source.names ?? Array.from({ length: size }, (_, i) => String(i));
  const parts = [pictures, bytesOf(heights), bytesOf(widths)].map((bytes) => contentHash(bytes));
  const fingerprint = textHash(JSON.stringify([canvas, parts, names]));
  const { labels = null, classNames = null } = source;
  return makeDataset(
    { canvas, names, labels, classNames, heights, widths, fingerprint, skipped: [] },
    { read: (indices, out) => copyCanvases(pictures, canvasBytes(canvas), indices, out) },
  );
}

/** Copies records of `bytes` each from `source` by index, one after another, into `out`. */
export function copyCanvases(
  source: Uint8Array,
  bytes: number,
  indices: ArrayLike<number>,
  out: Uint8Array,
): void {
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * bytes;
    out.set(source.subarray(start, start + bytes), i * bytes);
  }
}

import { AfterimageError } from "../errors.ts";
import type { PictureFindings } from "./picture-findings.ts";
import type { Targets } from "./targets.ts";
import type { WrittenLabels } from "./written-labels.ts";

/** A file that was left out, with the reason in a few words. */
export interface SkippedPicture {
  path: string;
  reason: string;
}

/** The largest side of a canvas, in pixels. */
export const MOST_PIXELS = 8192;

/**
 * Pictures to learn from, by index 0 … size - 1. A picture is a packed canvas: square uint8 RGB
 * [3, canvas, canvas], planar, with the picture in the rectangle [0, height) × [0, width) and zeros outside.
 */
export interface PictureDataset {
  readonly size: number;
  /** Side of the canvas in pixels. */
  readonly canvas: number;
  readonly names: readonly string[];
  /** The class of each picture as an index into `classNames`; `null` if there are no labels. */
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
  /** Rows and columns of each valid rectangle, 1 … canvas, anchored at the top left. */
  readonly heights: Int32Array;
  readonly widths: Int32Array;
  /** A hash of the contents: equal for equal pictures in equal order, on any machine. */
  readonly fingerprint: string;
  readonly skipped: readonly SkippedPicture[];
  /** Notes on pictures that a user may miss, a sentence each. */
  readonly notes?: readonly string[];
  /** Facts found while the pictures were decoded. */
  readonly findings?: PictureFindings;
  /** The reason why there are no labels although some pictures have one. */
  readonly unlabelled?: string | null;
  /** Labels as they are written; only if they were asked for by the columns that hold them. */
  readonly written?: WrittenLabels;
  /** Targets in addition to classes; see `withTargets`. */
  readonly targets?: Targets;
  /**
   * Reads canvases into `out`, uint8 [indices.length, 3, canvas, canvas].
   *
   * All reading and decoding has begun when the call returns, and needs nothing from the event loop: other
   * threads do it while the caller computes.
   *
   * @throws AfterimageError `usage/value` for an index out of range, an `out` of another length, or a closed
   * data set; `data/unreadable` or `data/cache` when the bytes cannot be read.
   */
  readBatch(indices: ArrayLike<number>, out: Uint8Array): Promise<void>;
  /**
   * Releases files and memory, once reads in progress have ended. Reading afterwards is an error; closing
   * twice is not.
   */
  close(): Promise<void>;
}

/**
 * The properties that a source of pictures provides. The rest of {@link PictureDataset} is the same for all.
 */
export interface DatasetDescription {
  canvas: number;
  names: readonly string[];
  labels: Int32Array | null;
  classNames: readonly string[] | null;
  heights: Int32Array;
  widths: Int32Array;
  fingerprint: string;
  skipped: readonly SkippedPicture[];
  notes?: readonly string[];
  findings?: PictureFindings;
  unlabelled?: string | null;
  written?: WrittenLabels;
  targets?: Targets;
}

/**
 * The functions of a source. Indices and length are checked before `read` is called; `close` is called once.
 */
export interface DatasetAccess {
  read(indices: ArrayLike<number>, out: Uint8Array): void | Promise<void>;
  close?(): void | Promise<void>;
}

/**
 * Makes a data set from a description and its functions.
 *
 * @throws AfterimageError `data/format` when the parts of the description do not fit together.
 */
export function makeDataset(description: DatasetDescription, access: DatasetAccess): PictureDataset {
  checkDescription(description);
  const { canvas, names } = description;
  const reading = new Set<Promise<void>>();
  let closing: Promise<void> | null = null;
  const read = async (indices: ArrayLike<number>, out: Uint8Array) => {
    if (closing !== null)
      throw misuse("the data set is closed", "readBatch() before close()", "readBatch() after close()");
    checkBatch(indices, out, names.length, canvas);
    await access.read(indices, out);
  };
  return {
    ...description,
    size: names.length,
    readBatch(indices, out) {
      const done = read(indices, out).finally(() => reading.delete(done));
      reading.add(done);
      return done;
    },
    close() {
      closing ??= Promise.allSettled(reading).then(() => access.close?.());
      return closing;
    },
  };
}

/** Bytes of one canvas. */
export function canvasBytes(canvas: number): number {
  return 3 * canvas * canvas;
}

function checkBatch(indices: ArrayLike<number>, out: Uint8Array, size: number, canvas: number): void {
  const bytes = indices.length * canvasBytes(canvas);
  if (out.length !== bytes)
    throw misuse("the buffer has the wrong size for the batch", `${bytes} bytes`, `${out.length}`);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(Number.isInteger(index) && index >= 0 && index < size)) {
      throw misuse("a picture index is out of range", `an integer in [0, ${size})`, `${index}`);
    }
  }
}

function checkDescription({ canvas, names, labels, classNames, heights, widths }: DatasetDescription): void {
  const size = names.length;
  if (!(Number.isInteger(canvas) && canvas > 0))
    throw contradiction("canvas", "a positive integer", `${canvas}`);
  for (const [what, array] of Object.entries({ labels, heights, widths })) {
    if (array !== null && array.length !== size)
      throw contradiction(what, `${size}, one per picture`, `${array.length}`);
  }
  for (const [what, sides] of Object.entries({ heights, widths })) {
    const outside = sides.find((side) => side < 1 || side > canvas);
    if (outside !== undefined) throw contradiction(what, `1 to ${canvas} pixels`, `${outside}`);
  }
  const classes = classNames?.length ?? Number.POSITIVE_INFINITY;
  const stray = labels?.find((label) => label < 0 || label >= classes);
  if (stray !== undefined) throw contradiction("labels", `0 to ${classes - 1}`, `${stray}`);
}

function contradiction(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "the fields of a data set do not match",
    where,
    expected,
    got,
  });
}

function misuse(what: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("usage/value", { what, expected, got });
}

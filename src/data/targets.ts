/**
 * Targets of pictures in addition to their classes: a row of numbers for each picture, or a mask of its
 * pixels.
 */

/** One row for each of N pictures: classes, soft labels, numbers to predict. */
export interface TargetColumn {
  readonly dtype: "int32" | "float32";
  /** Shape of one picture's row; `[]` for one number. */
  readonly shape: readonly number[];
  /** `[N, …shape]`. */
  readonly data: Int32Array | Float32Array;
}

/** Masks of pixels, on the canvases of their pictures. */
export interface MaskSource {
  /** A hash of the masks' contents, as a data set's fingerprint. */
  readonly fingerprint: string;
  /**
   * Reads masks into `out`, uint8 `[indices.length, canvas, canvas]`. Values outside of a picture are not
   * used.
   */
  read(indices: ArrayLike<number>, out: Uint8Array): void | Promise<void>;
}

export interface Targets {
  readonly rows?: Readonly<Record<string, TargetColumn>>;
  readonly masks?: Readonly<Record<string, MaskSource>>;
}

/** A target that a loader should read. */
export interface WantedTarget {
  readonly name: string;
  readonly per: "picture" | "pixel";
}

/** The name under which a data set's classes are a target. */
export const LABEL = "label";

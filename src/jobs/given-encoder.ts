/** An encoder that a program passes to a job. */
import type { Preprocessing } from "../augment/preprocessing.ts";
import type { EncoderSnapshot } from "../runs/observer.ts";

export interface EncoderInMemory extends EncoderSnapshot {
  /**
   * Side in pixels of the canvases that pictures are decoded to, if they are given by a path. Default 1.5 ×
   * `imageSize`.
   */
  canvas?: number;
  /**
   * How it sees a picture. Default: as encoders that were trained here, whole squares in ImageNet's colours.
   */
  preprocessing?: Preprocessing;
  /** Seed of the initial values of the untrained network. Default 0. */
  seed?: number;
}

/** Whether this is the path of a run, or an encoder. */
export function isEncoder(value: unknown): value is string | EncoderInMemory {
  if (typeof value === "string") return value !== "";
  return typeof value === "object" && value !== null && "backbone" in value && "values" in value;
}

import type { Background } from "../background.ts";
import type { Split } from "./split.ts";

export type { Split } from "./split.ts";

export interface OpenOptions {
  /**
   * Side of the canvases in pixels, 2 to 8192. Larger pictures are shrunk to fit, smaller ones keep their
   * size.
   */
  canvas: number;
  /**
   * Labels from the first level of sub-folders, where they are taken only when this is `true`; from a list,
   * an IDX label file or CIFAR's records, where they are taken unless this is `false`. `"auto"` takes them
   * from folders too, if every picture lies in one.
   */
  labels?: boolean | "auto" | undefined;
  /**
   * Which part of a data set that comes in parts; if left out "train", and all where there is no such part.
   */
  split?: Split | undefined;
  /** In folders, look into files of any name: those that begin as a picture does are taken. */
  allFiles?: boolean | undefined;
  /**
   * Read every file of a cache again and compare it with what was cached; others only where it seems to be
   * another one.
   */
  verify?: boolean | undefined;
  /** The folder of caches; `AFTERIMAGE_CACHE`, or `afterimage` in the user's cache folder if left out. */
  cacheDir?: string | undefined;
  /** Above this many bytes of raw canvases the cache keeps encoded pictures. 20 GiB if left out. */
  budgetBytes?: number | undefined;
  /**
   * What transparency is laid over, a colour "#rrggbb"; "auto", if left out, is white, or black for a picture
   * that would not be seen on white.
   */
  background?: Background | undefined;
  /** Stops listing and caching; what is cached stays, and the next call goes on from there. */
  signal?: AbortSignal | undefined;
  /** Told of the pictures cached so far, while a cache is built. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

import type { Background } from "../background.ts";
import type { LabelColumns } from "../written-labels.ts";
import type { Split } from "./split.ts";

export type { Split } from "./split.ts";

export interface OpenOptions {
  /**
   * Side of the canvases in pixels, 2 to 8192. Larger pictures are shrunk to fit, smaller ones keep their
   * size.
   */
  canvas: number;
  /**
   * Whether labels are used. From the first level of sub-folders they are used only if this is `true`. From a
   * list, an IDX label file or CIFAR's records they are used unless this is `false`. With `"auto"` they are
   * also used from folders if every picture is in one.
   */
  labels?: boolean | "auto" | undefined;
  /**
   * The columns of a list that hold labels, by their names in its header line. By default the one named
   * label, class and the like; with `"any"` another one too if there is no doubt. If this is given, the data
   * set also has its labels as they are written (`written`).
   */
  labelColumns?: LabelColumns | undefined;
  /**
   * The part to open of a data set that comes in parts. Default "train", or all if there is no such part.
   */
  split?: Split | undefined;
  /** In folders, read the start of files with any name, and take those that begin like a picture. */
  allFiles?: boolean | undefined;
  /**
   * Read every file of a cache again and compare it with its record. By default only files that seem to have
   * been replaced are read.
   */
  verify?: boolean | undefined;
  /** The folder of caches. Default: `AFTERIMAGE_CACHE`, or `afterimage` in the user's cache folder. */
  cacheDir?: string | undefined;
  /** Above this many bytes of raw canvases the cache stores encoded pictures. Default 20 GiB. */
  budgetBytes?: number | undefined;
  /**
   * The background for transparency: a colour "#rrggbb", or "auto" (the default), which is white, or black
   * for a picture that would not be visible on white.
   */
  background?: Background | undefined;
  /** Stops listing and caching. Cached pictures are kept, and the next call continues from there. */
  signal?: AbortSignal | undefined;
  /** Called with the number of pictures cached so far, while a cache is built. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

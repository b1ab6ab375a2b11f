import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Background } from "../background.ts";
import { canvasBytes } from "../picture-dataset.ts";
import type { Listing } from "./listing.ts";

/** Raw canvases, or encoded pictures if raw canvases would exceed the disk budget. */
export type CacheMode = "raw" | "encoded";

/** Raised whenever the format of the cache, or its contents, change. */
export const CACHE_VERSION = 3;
export const DEFAULT_BUDGET_BYTES = 20 * 2 ** 30;

/** Everything that determines the contents and the place of a cache. */
export interface CachePlan {
  canvas: number;
  mode: CacheMode;
  /** The background for transparency. */
  background: Background;
  /** The number of pictures in the listing. */
  count: number;
  /** The folder of all caches. */
  root: string;
  /**
   * The common start of the names of all caches of this folder of pictures in this form, whatever its
   * contents were.
   */
  family: string;
  /** The name of this cache's folder: the family, and a hash of the listing. */
  name: string;
}

/**
 * Plans the cache of a listing. Its name is a hash of the listing (relative path, size and time of last
 * change of every file), its place, the canvas, the mode, the background and the cache's version. So a
 * changed folder gets another cache.
 */
export function planCache(
  listing: Listing,
  canvas: number,
  budgetBytes: number,
  root: string,
  background: Background = "auto",
): CachePlan {
  const mode: CacheMode = listing.pictures.length * canvasBytes(canvas) > budgetBytes ? "encoded" : "raw";
  const source = listing.part === undefined ? listing.source : `${listing.source}\0${listing.part}`;
  const place = createHash("sha256").update(source, "latin1").digest("hex").slice(0, 12);
  const hash = createHash("sha256")
    .update(`${CACHE_VERSION}\0${canvas}\0${mode}\0${background}\0`)
    .update(source, "latin1");
  for (const { relative, size, mtimeMs } of listing.pictures) {
    hash.update(`\0${relative}\0${size}\0${mtimeMs}`, "latin1");
  }
  const family = `${place}-${canvas}-${mode}-${background.replace("#", "")}-`;
  return {
    canvas,
    mode,
    background,
    count: listing.pictures.length,
    root,
    family,
    name: family + hash.digest("hex").slice(0, 32),
  };
}

/** The folder of a finished cache. */
export function finishedFolder(plan: CachePlan): string {
  return join(plan.root, plan.name);
}

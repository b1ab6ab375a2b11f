/** Options for finding and reading pictures: the same for all jobs that take them by a path. */
import * as z from "zod";
import type { Background } from "../data/background.ts";
import { SPLITS, type Split } from "../data/node/split.ts";
import { type OptionFacts, option } from "../options/option-facts.ts";
import type { OnProgress } from "../runs/progress.ts";
import { text } from "./option-kinds.ts";

export interface PictureOptions {
  /** The split to use, if the pictures have splits: `train`, `val`, `test` or `all`. */
  split?: Split;
  /** Whether pictures in folders are recognised by their content, whatever the file name. Default false. */
  allFiles?: boolean;
  /**
   * Whether to read every file again and compare it with the cache. Otherwise a file is read again only when
   * its size, its times or its place on the disk have changed. Default false.
   */
  verify?: boolean;
  /** The folder of decoded pictures; by default `AFTERIMAGE_CACHE` or the user's cache folder. */
  cacheDir?: string;
}

/** @param own the use that the job makes of the split, and its default. */
export function split(own: Pick<OptionFacts, "description" | "fallback">) {
  return option(z.enum(SPLITS), { placeholder: "split", ...own });
}

export function allFiles() {
  return option(z.boolean(), {
    description: "recognise pictures by their content, whatever the file name",
    fallback: "by the extension of the name",
  });
}

export function verify() {
  return option(z.boolean(), {
    description: "read every file again, and update the cache where it differs",
    inFile: false,
  });
}

export function cacheDir() {
  return option(text(), {
    description: "folder for the cache of decoded pictures",
    fallback: "$AFTERIMAGE_CACHE, or the user's cache folder",
    placeholder: "folder",
  });
}

export interface Reading extends PictureOptions {
  labels?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** How pictures are put on canvases, and the callbacks for notes and progress. */
export interface Laying<Canvas> {
  canvas: Canvas;
  background: Background;
  onProgress: OnProgress;
}

/** The options for opening pictures on canvases, with labels unless they are not wanted. */
export function openOptions<Canvas>(options: Reading, { canvas, background, onProgress }: Laying<Canvas>) {
  const { split, allFiles, verify, cacheDir, signal, labels = true } = options;
  return {
    ...{ canvas, background, split, allFiles, verify, cacheDir, signal },
    labels: labels && ("auto" as const),
    onProgress: (done: number, total: number) => onProgress({ type: "cache", done, total }),
  };
}

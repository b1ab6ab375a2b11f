import { orderedWindow } from "../ordered-window.ts";
import type { CacheIndex } from "./cache-index.ts";
import { hashFile } from "./cache-record.ts";
import type { ListedPicture, Listing } from "./listing.ts";

/** Files being read at once, and their bytes together. */
const WINDOW = { count: 32, weight: 64 * 2 ** 20 };

export interface CheckOptions {
  /** Read all files, and not only those that are in doubt. */
  verify?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Told after every file that was read to be compared. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface CheckedFiles {
  /** Entries of the listing whose files are not what the cache was made of; they have to be read again. */
  changed: Set<number>;
  /** Of those the ones that could not be read then. */
  retried: number;
  /** Whether files that are the same lie elsewhere, or have other rights or owners, than the cache has it. */
  moved: boolean;
}

/**
 * Compares a cache with the files it was made of, whose names, sizes and times are the same. In doubt are
 * those that the file system has put in another place since or changed in another way, and those that it
 * refused to give: they are read.
 */
export async function changedFiles(
  index: CacheIndex,
  { pictures }: Listing,
  options: CheckOptions,
): Promise<CheckedFiles> {
  const entries = pictures.map((picture, entry) => ({ picture, entry }));
  const moved = entries.filter(({ picture, entry }) => isMoved(picture, index.stamps[entry]!));
  const unread = entries.filter(({ entry }) => index.hashes[entry] === null);
  const doubted = options.verify ? entries : [...new Set([...moved, ...unread])];
  const changed = new Set<number>();
  const limits = { ...WINDOW, weightOf: ({ picture }: (typeof entries)[number]) => picture.size };
  const hashes = orderedWindow(doubted, limits, ({ picture }) => hashFile(picture));
  let done = 0;
  for await (const hash of hashes) {
    options.signal?.throwIfAborted();
    const { entry } = doubted[done]!;
    if (hash !== index.hashes[entry]) changed.add(entry);
    done += 1;
    options.onProgress?.(done, doubted.length);
  }
  const retried = unread.filter(({ entry }) => changed.has(entry)).length;
  return { changed, retried, moved: moved.length > 0 };
}

function isMoved(
  { stamp: [inode, ctimeMs] }: ListedPicture,
  [keptInode, keptCtimeMs]: readonly number[],
): boolean {
  return inode !== keptInode || ctimeMs !== keptCtimeMs;
}

import { orderedWindow } from "../ordered-window.ts";
import type { CacheIndex } from "./cache-index.ts";
import { hashFile } from "./cache-record.ts";
import type { ListedPicture, Listing } from "./listing.ts";

/** Files that are read at once, and their total bytes. */
const WINDOW = { count: 32, weight: 64 * 2 ** 20 };

export interface CheckOptions {
  /** Read all files, and not only doubtful ones. */
  verify?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Called after every file that was read and compared. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface CheckedFiles {
  /** Entries of the listing whose files differ from the cached ones; they have to be read again. */
  changed: Set<number>;
  /** The number of those that could not be read earlier. */
  retried: number;
  /**
   * Whether unchanged files have another place on the disk, other rights or other owners than the cache
   * recorded.
   */
  moved: boolean;
}

/**
 * Compares a cache with the files it was made from, whose names, sizes and times are the same. It reads the
 * doubtful ones: those with another place on the disk or another change of status, and those that the file
 * system refused earlier.
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

import { renameSync } from "node:fs";
import { join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { makeDataset, type PictureDataset } from "../picture-dataset.ts";
import { beginBuild, endBuild } from "./build-owner.ts";
import { buildCache, writeDurably } from "./cache-build.ts";
import { type CacheIndex, encodeCacheIndex } from "./cache-index.ts";
import { INDEX_FILE, removeFolder, retirePath } from "./cache-partial.ts";
import { cacheRoot } from "./cache-place.ts";
import { type CachePlan, DEFAULT_BUDGET_BYTES, finishedFolder, planCache } from "./cache-plan.ts";
import { type OpenCache, openFinished } from "./cache-reader.ts";
import { type CheckedFiles, changedFiles } from "./changed-files.ts";
import type { ClassTable } from "./classes.ts";
import { EarlierRecords } from "./earlier-records.ts";
import { type Listing, listingNotes, missingLabels, writtenLabels } from "./listing.ts";
import type { OpenOptions } from "./open-options.ts";

/** An open cache, with notes for the user. */
interface Opened extends OpenCache {
  notes: string[];
}

/**
 * Opens the pictures of a listing through their packed cache, which is built first if it does not exist. If
 * files have changed with equal sizes and times, the cache is built again, and reuses the records of the
 * other files.
 *
 * @throws AfterimageError as building and reading the cache do.
 */
export async function openListing(
  listing: Listing,
  classes: ClassTable | null,
  options: OpenOptions,
): Promise<PictureDataset> {
  const { canvas, budgetBytes = DEFAULT_BUDGET_BYTES } = options;
  const plan = planCache(listing, canvas, budgetBytes, cacheRoot(options.cacheDir), options.background);
  const { index, access, notes: cacheNotes } = await openOrBuild(plan, listing, options);
  const { names, heights, widths, fingerprint, findings } = index;
  const labels = classes && Int32Array.from(index.entries, (entry) => classes.labels[entry]!);
  const unseen = listing.skipped.map(({ path, reason }) => ({ path, reason }));
  const skipped = [...unseen, ...index.skipped];
  const classNames = classes?.names ?? null;
  const notes = [...listingNotes(listing), ...cacheNotes];
  const unlabelled = classes === null ? missingLabels(listing) : null;
  const described = { canvas, names, labels, classNames, heights, widths, fingerprint, skipped, findings };
  const written = options.labelColumns && { written: writtenLabels(listing, index.entries) };
  return makeDataset({ ...described, ...written, notes, unlabelled }, access);
}

async function openOrBuild(plan: CachePlan, listing: Listing, options: OpenOptions): Promise<Opened> {
  const ready = await openFinished(plan);
  if (ready === null) return buildAndOpen(plan, listing, options, []);
  try {
    const checked = await changedFiles(ready.index, listing, options);
    if (checked.changed.size === 0) {
      if (checked.moved) await keepStamps(plan, ready.index, listing);
      return { ...ready, notes: [] };
    }
    await ready.access.close?.();
    return await rebuild(plan, listing, options, ready.index, checked);
  } catch (error) {
    await ready.access.close?.();
    throw error;
  }
}

async function buildAndOpen(
  plan: CachePlan,
  listing: Listing,
  options: OpenOptions,
  notes: string[],
  earlier?: EarlierRecords,
): Promise<Opened> {
  const { signal, onProgress } = options;
  await buildCache(plan, listing, { signal, onProgress, earlier });
  const built = await openFinished(plan);
  if (built !== null) return { ...built, notes };
  throw new AfterimageError("data/cache", {
    what: "the picture cache was removed while it was being opened",
    where: plan.root,
    todo: "Run the same command again.",
  });
}

/**
 * Moves the cache aside, where it will be removed if this process is killed, and builds it again from its own
 * records.
 */
async function rebuild(
  plan: CachePlan,
  listing: Listing,
  options: OpenOptions,
  index: CacheIndex,
  { changed, retried }: CheckedFiles,
): Promise<Opened> {
  const owner = beginBuild();
  const aside = retirePath(plan, owner);
  try {
    renameSync(finishedFolder(plan), aside);
  } catch {
    endBuild(owner); // another process has put it aside, or this one may not
    removeFolder(finishedFolder(plan));
    return buildAndOpen(plan, listing, options, []);
  }
  const earlier = await EarlierRecords.open(aside, index, changed);
  try {
    return await buildAndOpen(plan, listing, options, exchangedNotes(changed.size - retried), earlier);
  } finally {
    await earlier.close();
    removeFolder(aside);
    endBuild(owner);
  }
}

function exchangedNotes(count: number): string[] {
  if (count === 0) return [];
  const pictures = count === 1 ? "1 picture has" : `${count} pictures have`;
  return [
    `${pictures} new contents under the same name, size and time, and ${count === 1 ? "is" : "are"} read again`,
  ];
}

/**
 * Stores the files' present places on the disk, so that they are not read again next time. A read-only cache
 * is not changed.
 */
async function keepStamps(plan: CachePlan, index: CacheIndex, { pictures }: Listing): Promise<void> {
  const path = join(finishedFolder(plan), INDEX_FILE);
  const beside = `${path}.${process.pid}`;
  try {
    await writeDurably(beside, encodeCacheIndex({ ...index, stamps: pictures.map(({ stamp }) => stamp) }));
    renameSync(beside, path);
  } catch {
    // the files are compared again next time
  }
}

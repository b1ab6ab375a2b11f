import { existsSync } from "node:fs";
import { open, statfs } from "node:fs/promises";
import { join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { orderedWindow } from "../ordered-window.ts";
import { canvasBytes, type SkippedPicture } from "../picture-dataset.ts";
import { type BuildOwner, beginBuild, endBuild } from "./build-owner.ts";
import { displayPath } from "./byte-path.ts";
import { beginHeartbeat } from "./cache-heartbeat.ts";
import { type CacheIndex, encodeCacheIndex } from "./cache-index.ts";
import { claimPartial, earlierCaches, INDEX_FILE, publishPartial, removeFolder } from "./cache-partial.ts";
import { type CachePlan, finishedFolder } from "./cache-plan.ts";
import { indexOfLines, makePicture } from "./cache-record.ts";
import { CacheWriter, orDiskError } from "./cache-writer.ts";
import type { EarlierRecords } from "./earlier-records.ts";
import type { Listing } from "./listing.ts";

/** Files that are read and decoded at once, and their total bytes. */
const WINDOW = { count: 32, weight: 64 * 2 ** 20 };

export interface BuildHooks {
  /** Stops the build. Finished pictures are kept, and the next build continues from there. */
  signal?: AbortSignal | undefined;
  /** Records of an earlier cache of this listing, which are reused. */
  earlier?: EarlierRecords | undefined;
  /** Called after every picture. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Builds the planned cache of a listing. Afterwards the finished cache is in place, made by this build or by
 * a faster one.
 *
 * It is written in a temporary folder, which is renamed when it is complete. If a build was killed or
 * stopped, or the disk refused it, the next build continues it.
 *
 * @throws AfterimageError `data/all-broken` when no file can be decoded, `data/cache` when the disk refuses;
 * the signal's reason when stopped.
 */
export async function buildCache(plan: CachePlan, listing: Listing, hooks: BuildHooks = {}): Promise<void> {
  const owner = beginBuild();
  try {
    while (!(await tryBuild(plan, owner, listing, hooks)));
  } finally {
    endBuild(owner);
  }
}

/**
 * Builds once; `false` if another process took the folder meanwhile because it believed that this build had
 * ended.
 */
async function tryBuild(
  plan: CachePlan,
  owner: BuildOwner,
  listing: Listing,
  hooks: BuildHooks,
): Promise<boolean> {
  const earlier = earlierCaches(plan);
  const folder = await orDiskError(plan.root, () => claimPartial(plan, owner));
  const endHeartbeat = beginHeartbeat(folder);
  try {
    const index = await fillFolder(folder, plan, listing, hooks);
    if (index === null || index.names.length === 0) removeFolder(folder);
    else await orDiskError(folder, async () => publishPartial(folder, plan, earlier));
    if (index?.names.length === 0) throw allBroken(listing, index.skipped);
    return index !== null || isFinished(plan);
  } finally {
    endHeartbeat();
  }
}

/**
 * Fills a folder with records and their index; `null` if another build has meanwhile finished the same cache,
 * or taken the folder.
 */
async function fillFolder(
  folder: string,
  plan: CachePlan,
  listing: Listing,
  hooks: BuildHooks,
): Promise<CacheIndex | null> {
  const writer = await CacheWriter.open(folder, plan);
  try {
    await checkSpace(plan, listing.pictures.length - writer.lines.length);
    await addPictures(writer, plan, listing, hooks);
    if (isFinished(plan) || writer.isLost) return null;
    await writer.finish();
    const index = indexOfLines(writer.lines, plan, listing);
    await orDiskError(folder, () => writeDurably(join(folder, INDEX_FILE), encodeCacheIndex(index)));
    return index;
  } catch (error) {
    await writer.flush().catch(() => {}); // keeps what can be kept; the first error is the one to tell
    throw error;
  } finally {
    await writer.close();
  }
}

/** Adds the pictures that the writer does not have yet. Stops early if that has become useless. */
async function addPictures(
  writer: CacheWriter,
  plan: CachePlan,
  { pictures }: Listing,
  hooks: BuildHooks,
): Promise<void> {
  hooks.onProgress?.(writer.lines.length, pictures.length);
  const entries = pictures.map((picture, entry) => ({ picture, entry })).slice(writer.lines.length);
  const limits = { ...WINDOW, weightOf: ({ picture }: (typeof entries)[number]) => picture.size };
  const outcomes = orderedWindow(
    entries,
    limits,
    async ({ picture, entry }) => (await hooks.earlier?.outcome(entry)) ?? makePicture(picture, plan),
  );
  for await (const outcome of outcomes) {
    hooks.signal?.throwIfAborted();
    const wrote = await writer.add(outcome);
    hooks.onProgress?.(writer.lines.length, pictures.length);
    if (wrote && (isFinished(plan) || writer.isLost)) return;
  }
}

/** Writes a file and waits until it is on the disk itself. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isFinished(plan: CachePlan): boolean {
  return existsSync(join(finishedFolder(plan), INDEX_FILE));
}

/** Checks the space for raw canvases, whose size is known, before the first is written. */
async function checkSpace({ mode, canvas, root }: CachePlan, pictures: number): Promise<void> {
  if (mode === "encoded") return;
  const { bavail, bsize, blocks } = await statfs(root);
  const needed = pictures * canvasBytes(canvas);
  if (blocks === 0 || bavail * bsize >= needed) return; // some network disks tell nothing
  throw new AfterimageError("data/cache", {
    what: "the disk has no room for the picture cache",
    where: root,
    expected: `${gigabytes(needed)} free for ${pictures} pictures on canvases of ${canvas} pixels`,
    got: gigabytes(bavail * bsize),
    todo: "Free some space, or choose another cache folder (AFTERIMAGE_CACHE), a smaller canvas or a smaller budgetBytes.",
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
}

function allBroken({ source }: Listing, skipped: readonly SkippedPicture[]): AfterimageError {
  const shown = skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
  return new AfterimageError("data/all-broken", {
    what: "none of the pictures can be decoded",
    where: displayPath(source),
    expected: "at least one picture",
    got: `${skipped.length} broken (${shown.join("; ")}${skipped.length > shown.length ? "; …" : ""})`,
  });
}

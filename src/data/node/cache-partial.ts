import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type BuildOwner, formatOwner, isGone, parseOwner } from "./build-owner.ts";
import { type CachePlan, finishedFolder } from "./cache-plan.ts";
import { makeFolder } from "./make-folder.ts";

/** The files of a cache, half-built or finished. */
export const RECORDS_FILE = "records.bin";
export const INDEX_FILE = "index.safetensors";
export const JOURNAL_FILE = "journal.jsonl";

const MARK = ".partial-";
/** A build of which nothing can be known is taken for gone when its journal has rested this long. */
const RESTED_MS = 10 * 60_000;
/** A half-built cache that nobody came back for is removed after this long. */
const FORGOTTEN_MS = 7 * 24 * 60 * 60_000;

interface PartialFolder {
  folder: string;
  /** The name of the cache it was to become. */
  cache: string;
  owner: BuildOwner;
  /** Bytes of journal. */
  progress: number;
  /** Time since the journal grew, in milliseconds. */
  rested: number;
}

/**
 * Makes the folder in which `owner` builds the planned cache. Where a build of the same cache was left behind, its
 * folder is taken over with what it holds, by renaming: of several takers one succeeds.
 *
 * Left-behind folders that no one can use any more are removed: of this folder of pictures in an earlier state, and
 * forgotten ones of any.
 *
 * @returns the folder's path.
 */
export function claimPartial(plan: CachePlan, owner: BuildOwner): string {
  makeFolder(plan.root);
  const mine = join(plan.root, plan.name + MARK + formatOwner(owner));
  const left = partialFolders(plan.root).filter(isAbandoned);
  const usable = left.filter(({ cache }) => cache === plan.name).sort((a, b) => b.progress - a.progress);
  const taken = usable.some(({ folder }) => tryRename(folder, mine)); // another may be taking it at this moment
  if (!taken) makeFolder(mine);
  for (const { folder, cache, rested } of left) {
    if (cache.startsWith(plan.family) || rested > FORGOTTEN_MS) removeFolder(folder);
  }
  return mine;
}

/**
 * Puts a finished folder in its place by renaming it. Where another build was faster its cache stays, and this one is
 * removed. Caches of the same folder of pictures in earlier states, older than `begun`, are removed: their listings
 * will not come again.
 */
export function publishPartial(folder: string, plan: CachePlan, begun: number): void {
  try {
    renameSync(folder, finishedFolder(plan));
  } catch (error) {
    if (!existsSync(finishedFolder(plan))) throw error;
    removeFolder(folder);
    return;
  }
  rmSync(join(finishedFolder(plan), JOURNAL_FILE), { force: true });
  for (const name of readdirSync(plan.root)) {
    if (!name.startsWith(plan.family) || name === plan.name || name.includes(MARK)) continue;
    const stats = statSync(join(plan.root, name), { throwIfNoEntry: false });
    if (stats !== undefined && stats.mtimeMs < begun) removeFolder(join(plan.root, name));
  }
}

/** Removes a folder and what is in it; one that is gone, or that the system holds on to, is no matter. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Windows keeps files that are open elsewhere; the next build tries again
  }
}

function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function partialFolders(root: string): PartialFolder[] {
  return readdirSync(root).flatMap((name) => {
    const [cache, ownerText, ...rest] = name.split(MARK);
    const owner = rest.length === 0 && cache && ownerText ? parseOwner(ownerText) : null;
    return owner === null
      ? []
      : [{ folder: join(root, name), cache: cache!, owner, ...journalState(join(root, name)) }];
  });
}

function journalState(folder: string): { progress: number; rested: number } {
  const stats =
    statSync(join(folder, JOURNAL_FILE), { throwIfNoEntry: false }) ??
    statSync(folder, { throwIfNoEntry: false });
  return { progress: stats?.isFile() ? stats.size : 0, rested: Date.now() - (stats?.mtimeMs ?? 0) };
}

function isAbandoned({ owner, rested }: PartialFolder): boolean {
  return isGone(owner) ?? rested > RESTED_MS;
}

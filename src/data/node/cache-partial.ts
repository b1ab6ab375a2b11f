import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type BuildOwner, formatOwner, isGone, parseOwner } from "./build-owner.ts";
import { BEAT_MS, HEARTBEAT_FILE, readHeartbeat } from "./cache-heartbeat.ts";
import { type CachePlan, finishedFolder } from "./cache-plan.ts";
import { makeFolder } from "./make-folder.ts";

/** The files of a cache, half-built or finished. */
export const RECORDS_FILE = "records.bin";
export const INDEX_FILE = "index.safetensors";
export const JOURNAL_FILE = "journal.jsonl";

const MARK = ".partial-";
/**
 * If nothing is known about a build's process, the build is watched for this time. If it does not change, it
 * counts as ended.
 */
const WATCH_MS = 5 * BEAT_MS;
/**
 * The number of half-built caches of other pictures that are kept, the newest ones, in case their builders
 * come back.
 */
const KEPT_OTHERS = 8;

interface PartialFolder {
  folder: string;
  /** The name of the cache being built. */
  cache: string;
  owner: BuildOwner;
  /** Bytes of journal. */
  progress: number;
  /**
   * The last time the journal grew. It is compared only with other such times, because a clock may have been
   * set since.
   */
  changed: number;
  /** Changes while the cache is being built. */
  sign: string;
}

/**
 * Makes the folder in which `owner` builds the planned cache. If a build of the same cache was abandoned, its
 * folder is taken over with its contents by renaming; if several processes try, one succeeds.
 *
 * Abandoned folders that cannot be used any more are removed: those of this folder of pictures in an earlier
 * state, and all but the newest ones of other pictures.
 *
 * @returns the folder's path.
 */
export async function claimPartial(plan: CachePlan, owner: BuildOwner, watchMs = WATCH_MS): Promise<string> {
  makeFolder(plan.root);
  const mine = join(plan.root, plan.name + MARK + formatOwner(owner));
  const left = await abandonedFolders(plan, watchMs);
  const usable = left.filter(({ cache }) => cache === plan.name).sort((a, b) => b.progress - a.progress);
  // Another process may be taking it at this moment.
  const taken = usable.some(({ folder }) => tryRename(folder, mine));
  if (!taken) makeFolder(mine);
  const ofOthers = left.filter((one) => !isOfFamily(one, plan)).sort((a, b) => b.changed - a.changed);
  const useless = [...left.filter((one) => isOfFamily(one, plan)), ...ofOthers.slice(KEPT_OTHERS)];
  for (const { folder } of useless) removeFolder(folder);
  return mine;
}

/**
 * The finished caches of this folder of pictures in earlier states, and in the older form without a
 * background in the name.
 */
export function earlierCaches({ root, family, name }: CachePlan): string[] {
  if (!existsSync(root)) return [];
  const former = family.replace(/[^-]+-$/, "");
  const isFormer = (other: string) =>
    other.startsWith(former) && /^[0-9a-f]{32}$/.test(other.slice(former.length));
  return readdirSync(root).filter(
    (other) => (other.startsWith(family) || isFormer(other)) && other !== name && !other.includes(MARK),
  );
}

/**
 * The path to which a finished cache is moved while it is rebuilt: a folder that is removed when its owner
 * has ended.
 */
export function retirePath({ root, name }: CachePlan, owner: BuildOwner): string {
  return join(root, `${name}-old${MARK}${formatOwner(owner)}`);
}

/**
 * Moves a finished folder to its place by renaming it. If another build was faster, its cache stays and this
 * one is removed.
 *
 * @param earlier caches of the same folder of pictures that existed when the build began, in states that will
 * not come again: they are removed.
 */
export function publishPartial(folder: string, plan: CachePlan, earlier: readonly string[]): void {
  try {
    renameSync(folder, finishedFolder(plan));
  } catch (error) {
    if (!existsSync(finishedFolder(plan))) throw error;
    removeFolder(folder);
    return;
  }
  for (const file of [JOURNAL_FILE, HEARTBEAT_FILE])
    rmSync(join(finishedFolder(plan), file), { force: true });
  for (const name of earlier) removeFolder(join(plan.root, name));
}

/**
 * Removes a folder and its contents. It is no error if the folder does not exist, or if the system does not
 * release it.
 */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Windows keeps files that are open elsewhere; the next build tries again.
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

function isOfFamily({ cache }: PartialFolder, { family }: CachePlan): boolean {
  return cache.startsWith(family);
}

/**
 * Folders whose builders have ended. Where that cannot be known, folders of these pictures are checked twice:
 * one that did not change in between is abandoned.
 */
async function abandonedFolders(plan: CachePlan, watchMs: number): Promise<PartialFolder[]> {
  const left = partialFolders(plan.root).map((one) => ({ ...one, isGone: isGone(one.owner) }));
  const gone = left.filter((one) => one.isGone === true);
  const unknown = left.filter((one) => one.isGone === null && isOfFamily(one, plan));
  if (unknown.length === 0) return gone;
  await setTimeout(watchMs);
  const later = new Map(partialFolders(plan.root).map(({ folder, sign }) => [folder, sign]));
  return [...gone, ...unknown.filter(({ folder, sign }) => later.get(folder) === sign)];
}

function partialFolders(root: string): PartialFolder[] {
  return readdirSync(root).flatMap((name) => {
    const [cache, ownerText, ...rest] = name.split(MARK);
    const owner = rest.length === 0 && cache && ownerText ? parseOwner(ownerText) : null;
    return owner === null
      ? []
      : [{ folder: join(root, name), cache: cache!, owner, ...stateOf(join(root, name)) }];
  });
}

function stateOf(folder: string): Pick<PartialFolder, "progress" | "changed" | "sign"> {
  const journal = statSync(join(folder, JOURNAL_FILE), { throwIfNoEntry: false });
  const stats = journal ?? statSync(folder, { throwIfNoEntry: false });
  const [progress, changed] = [journal?.isFile() ? journal.size : 0, stats?.mtimeMs ?? 0];
  return { progress, changed, sign: `${progress} ${changed} ${readHeartbeat(folder)}` };
}

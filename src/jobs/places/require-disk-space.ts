/** Checks before a run whether its checkpoints and its encoder fit on the disk. */
import { stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { checkpointNames, MOST_CHECKPOINTS } from "../../train/node/checkpoint.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import type { Values } from "../../train/values.ts";

export interface DiskNeeds {
  /** The values in a checkpoint. */
  values: Values;
  /** The values in the exported encoder. */
  encoderValues: Values;
}

/**
 * Existing checkpoints, of this run or of one that it replaces, will be replaced by new ones.
 *
 * @param free bytes on the disk of `folder`.
 * @throws AfterimageError `export/write` when the disk does not have enough space.
 */
export async function requireDiskSpace(
  folder: string,
  needs: DiskNeeds,
  free: (folder: string) => Promise<number> = freeBytes,
): Promise<void> {
  const needed = MOST_CHECKPOINTS * bytesOf(needs.values) + bytesOf(needs.encoderValues);
  const room = (await free(folder)) + (await checkpointBytes(folder));
  if (needed <= room) return;
  throw new AfterimageError("export/write", {
    what: "the disk has no room for the checkpoints and the encoder of this run",
    where: folder,
    expected: `${inMb(needed)} free`,
    got: inMb(room),
    todo: `Free some space, or choose another folder with ${optionName("out")}.`,
  });
}

/** Infinity if the file system does not report it, as some network disks. */
async function freeBytes(folder: string): Promise<number> {
  for (let path = folder; ; path = dirname(path)) {
    const found = await statfs(path).catch(() => null);
    if (found !== null) return found.blocks === 0 ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
    if (path === dirname(path)) return Number.POSITIVE_INFINITY;
  }
}

async function checkpointBytes(folder: string): Promise<number> {
  const { checkpoints } = runPaths(folder);
  const names = await checkpointNames(checkpoints);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(checkpoints, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function bytesOf(values: Values): number {
  return [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}

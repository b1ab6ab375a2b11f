/** One process at a time trains in a folder: two would overwrite each other's checkpoints. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beginBuild, endBuild, formatOwner, isGone, parseOwner } from "../../data/node/build-owner.ts";
import { makeFolder } from "../../data/node/make-folder.ts";
import { AfterimageError } from "../../errors.ts";

const FILE = "running";

/**
 * A process that is gone holds nothing, and neither does one of another machine or container, of which that cannot be
 * known: a run that was killed there could never be resumed here.
 *
 * @throws AfterimageError `train/run-folder` while a process of this machine trains in `folder`.
 */
export function requireIdle(folder: string): void {
  const owner = parseOwner(readText(join(folder, FILE)));
  if (owner === null || isGone(owner) !== false) return;
  throw new AfterimageError("train/run-folder", {
    what: "another process is training in this folder",
    where: folder,
    got: `process ${owner.process.replace(/-.*/, "")}`,
    todo: "Wait for its end, stop it, or choose another folder by --out.",
  });
}

/**
 * Holds `folder` for this process until the function returned is called.
 *
 * @throws AfterimageError as {@link requireIdle}.
 */
export function holdRun(folder: string): () => void {
  requireIdle(folder);
  const owner = beginBuild();
  makeFolder(folder);
  writeFileSync(join(folder, FILE), formatOwner(owner));
  return () => {
    rmSync(join(folder, FILE), { force: true });
    endBuild(owner);
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

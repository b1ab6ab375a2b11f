/** Creates folders, level by level. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./fs-error.ts";

/**
 * Creates a folder and its missing parents. Existing folders are not changed.
 *
 * `mkdir`'s own `recursive` is not used. If the system says that a folder whose parent exists cannot be found
 * (as under /proc), Node 20 tries for ever.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!(errorCode(error) === "EEXIST" && isFolder(path))) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

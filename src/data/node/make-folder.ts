/** Making folders, level by level. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./fs-error.ts";

/**
 * Makes a folder and those above it that are missing. What is there already is left as it is.
 *
 * Not by `mkdir`'s own `recursive`: where the system says of a folder whose parent exists that it cannot be
 * found (as under /proc), Node 20 tries for ever.
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

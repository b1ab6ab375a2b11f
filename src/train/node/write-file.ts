/** Files that are whole or not there: written beside, flushed, renamed into place. */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../../data/node/make-folder.ts";

/** Replaces `path` by `bytes` in one step; a reader sees the old file or the new one, never a part. */
export async function writeFileWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  makeFolder(dirname(path));
  const beside = `${path}.${process.pid}.partial`;
  try {
    const file = await open(beside, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}

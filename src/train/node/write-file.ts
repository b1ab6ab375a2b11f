/** Files that are whole or not there: written beside, flushed, renamed into place. */
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, fsReason } from "../../data/node/fs-error.ts";
import { makeFolder } from "../../data/node/make-folder.ts";
import { AfterimageError } from "../../errors.ts";

/**
 * Replaces `path` by `bytes` in one step; a reader sees the old file or the new one, never a part.
 *
 * @throws AfterimageError `export/write` with the system's reason, such as a full disk; the old file is then still there.
 */
export async function writeFileWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const beside = `${path}.${process.pid}.partial`;
  try {
    makeFolder(dirname(path));
    const file = await open(beside, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {}); // the first error says more
    throw cannotWrite(path, cause);
  }
}

/** The error of a file that the system refused to write; any other error as it is. */
export function cannotWrite(path: string, cause: unknown): unknown {
  if (errorCode(cause) === "") return cause;
  const isFull = ["ENOSPC", "EDQUOT"].includes(errorCode(cause));
  return new AfterimageError(
    "export/write",
    {
      what: "a file cannot be written",
      where: path,
      got: fsReason(cause),
      ...(isFull && { todo: FREE_SPACE }),
    },
    { cause },
  );
}

const FREE_SPACE =
  "Free some space and repeat the command; a run that has a checkpoint goes on from it by --resume.";

/** Writes files so that they are complete or absent: written next to their place, flushed, then renamed. */

import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode, fsReason } from "../../data/node/fs-error.ts";
import { makeFolder } from "../../data/node/make-folder.ts";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";

/** The content of a file: all of it, or its parts one after another. */
export type FileContent = Uint8Array | string | Iterable<Uint8Array>;

/**
 * Replaces `path` by `content` in one step; a reader sees the old file or the new one, never a part.
 *
 * @throws AfterimageError `export/write` with the system's reason, such as a full disk; the old file is then
 * still there.
 */
export async function writeFileWhole(path: string, content: FileContent): Promise<void> {
  await writeFilesWhole([{ path, content }]);
}

/**
 * The same for files that belong together: none is replaced before all are written.
 *
 * @throws AfterimageError `export/write`. All files are then unchanged, unless the last renaming failed
 * halfway.
 */
export async function writeFilesWhole(
  files: readonly { path: string; content: FileContent }[],
): Promise<void> {
  const written: string[] = [];
  let path = "";
  try {
    for (const file of files) {
      path = file.path;
      makeFolder(dirname(path));
      written.push(besideOf(path));
      await writeFlushed(besideOf(path), file.content);
    }
    for (const file of files) {
      path = file.path;
      await rename(besideOf(path), path);
    }
  } catch (cause) {
    // The first error says more than an error of the cleaning up.
    for (const beside of written) await rm(beside, { force: true }).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

/**
 * The final name of a file that {@link writeFileWhole} writes under the temporary name `name`; null if `name`
 * is not such a name.
 */
export function nameOfPartial(name: string): string | null {
  const [, before] = /^(.+)\.\d+\.partial$/.exec(name) ?? [];
  return before ?? null;
}

/** The temporary name of a file until it is complete. */
export function besideOf(path: string): string {
  return `${path}.${process.pid}.partial`;
}

async function writeFlushed(path: string, content: FileContent): Promise<void> {
  const file = await open(path, "w");
  try {
    const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for (const part of parts) await file.writeFile(part); // each from where the last one ended
    await file.sync();
  } finally {
    await file.close();
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

const FREE_SPACE = `Free some space and repeat the command; a run that has a checkpoint goes on from it with ${optionName("resume")}.`;

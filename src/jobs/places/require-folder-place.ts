import { accessSync, constants, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fsReason } from "../../data/node/fs-error.ts";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";

/**
 * Checks before the work whether a folder can be created at `folder`, or exists and can be written. It leaves
 * nothing on the disk.
 *
 * @throws AfterimageError `usage/value` when a file is in the place of it or of a folder above it;
 * `export/write` when the system does not let this process write there.
 */
export function requireFolderPlace(folder: string): void {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const found = kindOf(path);
    if (found === "file") throw fileInTheWay(folder, path);
    if (found === "folder") requireWritable(path, constants.W_OK | constants.X_OK);
    if (found === "folder" || path === dirname(path)) return;
  }
}

/**
 * The same for the folder of a run and its existing contents: its folders must allow files to be replaced,
 * and its metrics must allow lines to be added.
 *
 * @throws AfterimageError as {@link requireFolderPlace}.
 */
export function requireRunPlace(folder: string): void {
  requireFolderPlace(folder);
  requireFolderPlace(join(folder, "checkpoints"));
  const metrics = join(folder, "metrics.jsonl");
  if (kindOf(metrics) === "file") requireWritable(metrics, constants.W_OK);
}

function kindOf(path: string): "folder" | "file" | null {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return null; // nothing there, or below a file: the folders above tell
  }
}

function requireWritable(path: string, mode: number): void {
  try {
    accessSync(path, mode);
  } catch (cause) {
    throw new AfterimageError(
      "export/write",
      {
        what: "this folder cannot be written to",
        where: path,
        got: fsReason(cause),
        todo: `Choose another place with ${optionName("out")}.`,
      },
      { cause },
    );
  }
}

function fileInTheWay(folder: string, path: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "the folder for the output cannot be made, because a file is in its place",
    where: `${optionName("out")} ${folder}`,
    expected: "a folder that exists or can be made",
    got: `the file ${path}`,
    todo: `Choose another folder with ${optionName("out")}.`,
  });
}

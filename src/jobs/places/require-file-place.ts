import { closeSync, constants, openSync, rmSync, statSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { besideOf, cannotWrite } from "../../train/node/write-file.ts";

/**
 * Checks before the work whether a file can be written at `path`. It leaves nothing behind and changes no
 * existing file.
 *
 * @param option the option that gives the path, such as `out`.
 * @throws AfterimageError `usage/value` when a folder is in the place of the file, or a file in that of its
 * folder; `export/write` with the system's reason when the folder cannot be written to.
 */
export async function requireFilePlace(path: string, option: string): Promise<void> {
  if (kindOf(path) === "folder") {
    throw inTheWay(path, option, "the name of a file", `the folder ${path}`);
  }
  const parent = dirname(resolve(path));
  let folder = parent;
  while (kindOf(folder) === null && folder !== dirname(folder)) folder = dirname(folder);
  if (kindOf(folder) === "file") {
    throw inTheWay(path, option, "a folder for the file that exists or can be made", `the file ${folder}`);
  }
  try {
    if (folder === parent) tryFile(besideOf(resolve(path)));
    else await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Creates the file that would be written first, and removes it again. */
function tryFile(path: string): void {
  closeSync(openSync(path, "w"));
  rmSync(path, { force: true });
}

function kindOf(path: string): "folder" | "file" | null {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return null; // nothing there, or below a file: the folders above show which
  }
}

function inTheWay(path: string, option: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "no file can be written here",
    where: `${optionName(option)} ${path}`,
    expected,
    got,
    todo: `Choose another place with ${optionName(option)}.`,
  });
}

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { AfterimageError } from "../errors.ts";

/**
 * Found out before the work and not after it: whether a folder can be made at `folder`, or is there.
 *
 * @throws AfterimageError `usage/value` when a file is where it, or a folder above it, would have to be.
 */
export function requireFolderPlace(folder: string): void {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const found = kindOf(path);
    if (found === "folder" || path === dirname(path)) return;
    if (found === "file") throw fileInTheWay(folder, path);
  }
}

function kindOf(path: string): "folder" | "file" | null {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return null; // nothing there, or below a file: the folders above tell
  }
}

function fileInTheWay(folder: string, path: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "a file is where the run folder is to be",
    where: `--out ${folder}`,
    expected: "a folder, or a place where one can be made",
    got: `the file ${path}`,
    todo: "Choose another folder by --out.",
  });
}

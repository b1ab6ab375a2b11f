/** The default folder of a run. */
import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/**
 * `runs/<name of the pictures>-<method>`. `.` and `..` are replaced by their real names. A file's ending is
 * removed; a folder's name is kept whole, because what follows a dot may be its only difference to another
 * folder ("v1.0", "v1.1").
 */
export function defaultFolder(pictures: string, method = "simclr"): string {
  const name = basename(resolve(pictures));
  const isFile = statSync(pictures, { throwIfNoEntry: false })?.isFile() ?? false;
  return join("runs", `${(isFile ? name.replace(/(?<=.)\.[^.]+$/, "") : name) || "pictures"}-${method}`);
}

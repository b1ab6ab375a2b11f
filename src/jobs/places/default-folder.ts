/** Where a run goes when nobody says where. */
import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/**
 * `runs/<name of the pictures>-<method>`: the real name of `.` and `..`, a file's without its ending, a
 * folder's whole, for a dot in it may be all that tells it from another ("v1.0", "v1.1").
 */
export function defaultFolder(pictures: string, method = "simclr"): string {
  const name = basename(resolve(pictures));
  const isFile = statSync(pictures, { throwIfNoEntry: false })?.isFile() ?? false;
  return join("runs", `${(isFile ? name.replace(/(?<=.)\.[^.]+$/, "") : name) || "pictures"}-${method}`);
}

/** Checks that a result does not replace its own input. */
import { statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { runPaths } from "../../train/node/run-folder.ts";
import { encoderPaths } from "../encoders/encoder-folder.ts";

/**
 * @param run folder of the run or imported encoder that is the input; a run's exported encoder may be written
 * again.
 * @throws AfterimageError `usage/value` when `out` is a file of the run or encoder.
 */
export function requireNoRunFile(out: string, run: string): void {
  const { facts, weights } = encoderPaths(run);
  if (isSame(facts, out) || isSame(weights, out)) throw wouldReplace(out, `a file of the encoder ${run}`);
  const { folder: _, encoder: __, checkpoints, ...files } = runPaths(run);
  const inside = relative(resolve(checkpoints), resolve(out));
  const isCheckpoint = !inside.startsWith("..") && !isAbsolute(inside);
  if (isCheckpoint || Object.values(files).some((path) => isSame(path, out)))
    throw wouldReplace(out, `a file of the run ${run}`);
}

/**
 * @param path the path of the pictures, as given.
 * @throws AfterimageError `usage/value` when `out` is the file of the pictures, or one of them.
 */
export function requireNoPicture(out: string, path: string, { names }: Pick<PictureDataset, "names">): void {
  if (isSame(path, out)) throw wouldReplace(out, "the file of the pictures");
  const base = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
  const alike = names.filter((name) => basename(name) === basename(out));
  if (alike.some((name) => isSame(isAbsolute(name) ? name : join(base, name), out)))
    throw wouldReplace(out, "one of the pictures");
}

/** Whether two paths are the same file, even under different names such as through a link. */
function isSame(path: string, other: string): boolean {
  if (resolve(path) === resolve(other)) return true;
  const [one, two] = [path, other].map((each) => statSync(each, { throwIfNoEntry: false }));
  return one !== undefined && two !== undefined && one.dev === two.dev && one.ino === two.ino && one.ino > 0;
}

function wouldReplace(out: string, what: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "the result would overwrite its own input",
    where: `${optionName("out")} ${out}`,
    expected: "another path",
    got: what,
  });
}

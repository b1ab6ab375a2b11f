/**
 * Compares a run's pictures with its earlier ones: which are known, and whether the run may continue with
 * more.
 */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { optionName, optionValues } from "../../options/option-name.ts";
import { readPictureNames } from "../../train/node/run-folder.ts";
import type { RunConfig } from "../../train/run-config.ts";

export interface AddedPictures {
  /** The index of each earlier picture among the present ones. */
  places: Int32Array;
  /** The number of pictures that are new. */
  added: number;
}

/**
 * Compares the present pictures with those of a run. Pictures are recognised by their names.
 *
 * @param allowed whether the run may continue with more pictures than it had.
 * @returns null if they are the same.
 * @throws AfterimageError `train/run-folder` when some are missing, or some are new and that is not allowed.
 */
export async function addedPictures(
  { data }: RunConfig,
  dataset: PictureDataset,
  { folder, allowed }: { folder: string; allowed: boolean },
): Promise<AddedPictures | null> {
  if (data.fingerprint === dataset.fingerprint) return null;
  const before = await readPictureNames(folder);
  // Without their names it is impossible to know which pictures a run had.
  if (before?.fingerprint !== data.fingerprint) throw otherPictures(data, dataset, folder);
  const found = placesOf(before.names, dataset.names);
  if (found.missing !== null) throw otherPictures(data, dataset, folder, found.missing);
  const added = dataset.size - found.places.length;
  if (added === 0) throw changedPictures(data, folder);
  if (!allowed) throw notAskedFor(data, dataset, folder, added);
  return { places: found.places, added };
}

/**
 * The indices of the earlier names among the present ones. If a name occurs twice, both occurrences are
 * found.
 */
export function placesOf(
  before: readonly string[],
  now: readonly string[],
): { places: Int32Array; missing: string | null } {
  const free = new Map<string, number[]>();
  for (let place = now.length - 1; place >= 0; place--) {
    const same = free.get(now[place]!);
    if (same === undefined) free.set(now[place]!, [place]);
    else same.push(place);
  }
  const found = before.map((name) => free.get(name)?.pop() ?? -1);
  const missing = found.indexOf(-1);
  return { places: Int32Array.from(found), missing: missing < 0 ? null : before[missing]! };
}

const ELSE = `start a new run with another ${optionName("out")}`;

function otherPictures(
  before: RunConfig["data"],
  now: PictureDataset,
  folder: string,
  missing?: string,
): AfterimageError {
  const lack = missing === undefined ? "" : `, without ${missing}`;
  return new AfterimageError("train/run-folder", {
    what: "these are not the pictures that the run was started with",
    where: folder,
    expected: `${before.pictures} pictures of ${before.path}`,
    got: `${now.size} pictures${lack}`,
    todo: `Restore the pictures, or ${ELSE}.`,
  });
}

function changedPictures({ pictures, path }: RunConfig["data"], folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "some pictures, or their order, have changed since the run was started",
    where: folder,
    expected: `the ${pictures} pictures of ${path}, unchanged`,
    todo: `Restore the pictures, or ${ELSE}.`,
  });
}

function notAskedFor(
  before: RunConfig["data"],
  { size }: PictureDataset,
  folder: string,
  added: number,
): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "pictures were added since the run was started",
    where: folder,
    expected: `${before.pictures} pictures of ${before.path}`,
    got: `${size} pictures, ${added} of them new`,
    todo: `Include them with ${optionValues({ resume: true, morePictures: true })}, or ${ELSE}.`,
  });
}

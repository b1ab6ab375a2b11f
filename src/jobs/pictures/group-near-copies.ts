/** Groups of near-copies, so that a division has none of them on both sides. */
import { linkedGroups } from "../../data/linked-groups.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { findNearCopies } from "../../evaluate/find-near-copies.ts";
import type { OwnParts } from "../../transfer/divide-labelled.ts";
import { readThumbnails } from "./read-thumbnails.ts";

export interface NearCopyGroups {
  /** The group of each picture; most pictures are a group of their own. */
  groups: Int32Array;
  /** Notes for the user, a sentence each. */
  notes: string[];
}

/**
 * Groups pictures with their near-copies. Near-copies in different parts of a data set's own division stay
 * there, and a note says how many there are.
 */
export async function groupNearCopies(
  dataset: PictureDataset,
  own: OwnParts | null,
  threads: number,
): Promise<NearCopyGroups> {
  const pairs = await findNearCopies(await readThumbnails(dataset), { threads });
  const groups = linkedGroups(dataset.size, pairs);
  return {
    groups,
    notes: own === null ? groupNotes(groups) : [...groupNotes(groups), ...ownNotes(groups, own)],
  };
}

function groupNotes(groups: Int32Array): string[] {
  const copies = groups.filter((first, at) => first !== at).length;
  if (copies === 0) return [];
  return [`${counted(copies)} of others; a division that is drawn keeps them on one side`];
}

function ownNotes(groups: Int32Array, { training, validation, test }: OwnParts): string[] {
  const trained = new Set(Array.from(training, (at) => groups[at]!));
  const note = (part: string, places: Int32Array | null) => {
    const copies = (places ?? []).filter((at: number) => trained.has(groups[at]!)).length;
    return copies === 0
      ? []
      : [`${counted(copies)} of training pictures in the ${part} part, which raises its scores`];
  };
  return [...note("validation", validation), ...note("test", test)];
}

function counted(copies: number): string {
  return copies === 1 ? "1 picture is a near-copy" : `${copies} pictures are near-copies`;
}

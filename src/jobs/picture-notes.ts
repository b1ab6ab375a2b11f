/** What a user should know of the pictures that were opened. */
import type { PictureDataset, SkippedPicture } from "../data/picture-dataset.ts";

const SHOWN = 3;

/** Of all jobs: what was passed over, and why labels are not used. */
export function pictureNotes({ notes = [], unlabelled = null }: PictureDataset): string[] {
  return unlabelled === null ? [...notes] : [...notes, `labels are not used: ${unlabelled}`];
}

/** Which pictures could not be read: the first few of them by name. */
export function skippedNotes({ skipped }: PictureDataset): string[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(0, SHOWN).map(({ path, reason }: SkippedPicture) => `${path} (${reason})`);
  const more = skipped.length - shown.length;
  const count = `${skipped.length} ${skipped.length === 1 ? "picture" : "pictures"}`;
  return [`skipped ${count}: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
}

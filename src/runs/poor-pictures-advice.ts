import type { PictureDataset } from "../data/picture-dataset.ts";

/**
 * What to do about a run that learns nothing when the pictures themselves are to blame: most are of one
 * colour, use next to nothing of the range, or are copies of others. Null where that is not so.
 */
export function poorPicturesAdvice({ findings = {}, size }: PictureDataset): string | null {
  const { poor } = findings;
  if (poor === undefined || 2 * poor.count <= size) return null;
  return (
    `Check the pictures first: ${poor.count} of ${size} are a single colour, use less than a sixteenth of the range ` +
    `from black to white, or are copies of others (such as ${poor.names.join(", ")})`
  );
}

import type { PictureDataset } from "../data/picture-dataset.ts";

/**
 * Advice for a run that learns nothing because of its pictures: most are of one colour, use almost none of
 * the range, or are copies of others. Null otherwise.
 */
export function poorPicturesAdvice({ findings = {}, size }: PictureDataset): string | null {
  const { poor } = findings;
  if (poor === undefined || 2 * poor.count <= size) return null;
  return (
    `Check the pictures first: ${poor.count} of ${size} are a single colour, use less than a sixteenth of the range ` +
    `from black to white, or are copies of others (such as ${poor.names.join(", ")})`
  );
}

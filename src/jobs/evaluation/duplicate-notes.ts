import { PIXEL_SIDE } from "../pictures/read-pixels.ts";
import type { EvaluateResult } from "./evaluation-result.ts";

/** Notes for the user about pictures that are equal to others. */
export function duplicateNotes(
  { pixels, features }: EvaluateResult["duplicates"],
  pictures: number,
): string[] {
  if (features > 0 && features === pictures - 1)
    return ["all pictures have the same features: the encoder has collapsed"];
  const notes: string[] = [];
  if (pixels > 0) {
    const copies = pixels === 1 ? "1 picture is a copy" : `${pixels} pictures are copies`;
    notes.push(
      `${copies} of another (equal at ${PIXEL_SIDE} × ${PIXEL_SIDE} pixels): ` +
        "kNN and retrieval find copies by their originals, which raises the scores",
    );
  }
  if (features > pixels) {
    const more = features - pixels;
    const whose = more === 1 ? "1 more picture has" : `${more} more pictures have`;
    notes.push(`${whose} exactly the features of another`);
  }
  return notes;
}

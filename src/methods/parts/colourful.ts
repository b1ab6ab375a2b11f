/** Checks that pictures have colours, for methods that learn only from colours. */
import { AfterimageError } from "../../errors.ts";
import type { PictureSample } from "../../objectives/method.ts";

/**
 * The largest difference between a pixel's channels that still counts as grey, in levels of 255. JPEG adds a
 * few levels to grey, and nobody sees so small a difference as a colour.
 */
const COLOUR = 16;
/** The least share of coloured pixels in a coloured picture. */
const PIXELS = 0.01;
/** Shares of coloured pictures below which pictures are refused, and below which there is a warning. */
const REFUSED = 0.05;
const TOLD = 0.5;

/**
 * @returns a sentence if fewer than half of the pictures have colours, otherwise null.
 * @throws AfterimageError `method/pictures` if almost none has.
 */
export function refuseGreyPictures(method: string, sample: PictureSample): string | null {
  const { count } = sample;
  const coloured = Array.from({ length: count }, (_, i) => i).filter((i) => hasColour(sample, i)).length;
  if (coloured >= TOLD * count) return null;
  if (coloured >= REFUSED * count)
    return `only ${coloured} of ${count} sampled pictures have colours: ${method} learns little from the others`;
  throw new AfterimageError("method/pictures", {
    what: `${method} learns from colours, and the pictures are grey`,
    expected: `colours in at least ${100 * REFUSED} % of the pictures`,
    got: `${coloured} of ${count} sampled pictures`,
    todo: "Choose another method: afterimage methods lists them.",
  });
}

/** Whether the channels differ in enough pixels of a picture. */
function hasColour({ pictures, canvas, heights, widths }: PictureSample, index: number): boolean {
  const plane = canvas * canvas;
  const start = 3 * plane * index;
  const enough = PIXELS * heights[index]! * widths[index]!;
  let found = 0;
  for (let at = start; at < start + plane; at++) {
    const [r, g, b] = [pictures[at]!, pictures[at + plane]!, pictures[at + 2 * plane]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > COLOUR) found += 1; // all channels are 0 outside the picture
  }
  return found >= enough;
}

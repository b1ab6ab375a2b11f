/** How many pictures have colours, for methods that learn from nothing else. */
import { AfterimageError } from "../../errors.ts";
import type { PictureSample } from "../../objectives/method.ts";

/** Levels of 255 between a pixel's channels: JPEG adds a few to grey, and no eye takes fewer for a colour. */
const COLOUR = 16;
/** Share of a picture's pixels that have to have a colour. */
const PIXELS = 0.01;
/** Shares of coloured pictures below which CMC refuses the pictures, and below which it warns. */
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

/** Whether more than a few pixels of a picture have channels that differ. */
function hasColour({ pictures, canvas, heights, widths }: PictureSample, index: number): boolean {
  const plane = canvas * canvas;
  const start = 3 * plane * index;
  const enough = PIXELS * heights[index]! * widths[index]!;
  let found = 0;
  for (let at = start; at < start + plane; at++) {
    const [r, g, b] = [pictures[at]!, pictures[at + plane]!, pictures[at + 2 * plane]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > COLOUR) found += 1; // beyond the picture all are 0
  }
  return found >= enough;
}

/** Patches hidden in blocks (BEiT: Bao, Dong, Piao, Wei 2021, arXiv 2106.08254, algorithm 1). */
import type { RandomStream } from "../../random/random-stream.ts";

export interface BlockMaskOptions {
  /** Rows and columns of the grid of patches. */
  grid: readonly [number, number];
  /** How many patches to hide, at most; a whole number. */
  wanted: number;
  /** Area that blocks start from, in patches; less where no more are to be hidden. */
  least: number;
}

/** Largest ratio of a block's sides. */
const ASPECT = 1 / 0.3;
/** Tries at a block before what is hidden must do. */
const ATTEMPTS = 10;

/**
 * Places of the hidden patches, row by row and ascending. Blocks of random area, shape and place are added
 * until `wanted` patches are hidden or no block fits. Blocks are smaller than the grid in both directions, so
 * there are none in a single row or column of patches.
 *
 * Source: `ImageFolderMask` in iBOT's `loader.py` and `MaskingGenerator` in DINOv2's `data/masking.py`.
 */
export function blockMask({ grid, wanted, least }: BlockMaskOptions, random: RandomStream): Int32Array {
  const hidden = new Set<number>();
  let isFound = true;
  while (isFound && hidden.size < wanted) {
    isFound = false;
    for (let attempt = 0; attempt < ATTEMPTS && !isFound; attempt++) {
      const fresh = drawBlock(grid, least, wanted - hidden.size, random).filter(
        (place) => !hidden.has(place),
      );
      isFound = fresh.length > 0 && fresh.length <= wanted - hidden.size;
      if (isFound) for (const place of fresh) hidden.add(place);
    }
  }
  return Int32Array.from(hidden).sort();
}

/** Places of a block; none where it does not fit. */
function drawBlock(
  [rows, columns]: readonly [number, number],
  least: number,
  most: number,
  random: RandomStream,
): number[] {
  const area = random.uniform(Math.min(least, most), Math.max(least, most));
  const aspect = Math.exp(random.uniform(-Math.log(ASPECT), Math.log(ASPECT)));
  const height = Math.round(Math.sqrt(area * aspect));
  const width = Math.round(Math.sqrt(area / aspect));
  if (height >= rows || width >= columns) return [];
  const top = random.integer(0, rows - height + 1);
  const left = random.integer(0, columns - width + 1);
  return Array.from(
    { length: height * width },
    (_, i) => (top + Math.floor(i / width)) * columns + left + (i % width),
  );
}

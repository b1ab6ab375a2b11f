/** Patches hidden in blocks (BEiT: Bao, Dong, Piao, Wei 2021, arXiv 2106.08254, algorithm 1). */
import type { RandomStream } from "../../random/random-stream.ts";

export interface BlockMaskOptions {
  /** Rows and columns of the grid of patches. */
  grid: readonly [number, number];
  /** The largest number of patches to hide; whole. */
  wanted: number;
  /** The least area of a block, in patches. Blocks may be smaller when fewer patches remain to be hidden. */
  least: number;
}

/** Largest ratio of a block's sides. */
const ASPECT = 1 / 0.3;
/** Attempts to place one more block before the mask is accepted as it is. */
const ATTEMPTS = 10;

/**
 * Places of the hidden patches, ascending, counted row by row. Blocks of random area, shape and place are
 * added until `wanted` patches are hidden or no block fits. Blocks are smaller than the grid in both
 * directions, so a single row or column of patches gets none.
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

/** Places of a block; none if the block does not fit. */
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

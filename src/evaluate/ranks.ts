/**
 * Places in a ranking by score. Equal scores share their places, because all orders among equals are equally
 * likely. Only the relevant rows are sorted.
 */
import type { TieWidth } from "./tie-width.ts";

/** Rows of equal score, some of them relevant. */
export interface TiedGroup {
  /** Rows before the group. */
  before: number;
  /** Relevant rows before the group. */
  relevantBefore: number;
  /** Rows in the group. */
  size: number;
  /** Relevant rows in the group, at least one. */
  relevant: number;
}

/**
 * The groups that contain the rows `relevant`, best first, in the ranking of all rows except `excluded` (-1
 * for none).
 *
 * The best relevant row that is in no group yet begins one, which takes all relevant rows equal to it by
 * `width`. Another row belongs to the first group in which it equals all relevant rows.
 *
 * @param isRelevant one entry for each row, 1 for those in `relevant`. `excluded` is in neither.
 */
export function tiedGroups(
  scores: Float32Array,
  relevant: ArrayLike<number>,
  isRelevant: Uint8Array,
  excluded: number,
  width: TieWidth,
): TiedGroup[] {
  const bounds = groupBounds(
    Float32Array.from(relevant, (row) => scores[row]!),
    width,
  );
  // ahead[g] rows are between group g and the group before it; equal[g] rows belong to group g.
  const ahead = new Int32Array(bounds.length + 1);
  const equal = new Int32Array(bounds.length);
  const floors = Float64Array.from(bounds, ({ floor }) => floor);
  for (let row = 0; row < scores.length; row++) {
    if (isRelevant[row] !== 0 || row === excluded) continue;
    const group = countAbove(floors, scores[row]!);
    if (group < bounds.length && scores[row]! <= bounds[group]!.ceiling) equal[group]!++;
    else ahead[group]!++;
  }
  let [before, relevantBefore] = [0, 0];
  return bounds.map(({ relevant: own }, group) => {
    before += ahead[group]!;
    const tied = { before, relevantBefore, size: own + equal[group]!, relevant: own };
    before += tied.size;
    relevantBefore += own;
    return tied;
  });
}

/** The range of scores that belong to a group. */
interface Bounds {
  relevant: number;
  ceiling: number;
  floor: number;
}

function groupBounds(relevantScores: Float32Array, width: TieWidth): Bounds[] {
  const falling = relevantScores.sort().reverse();
  const bounds: Bounds[] = [];
  for (let start = 0, end = 0; start < falling.length; start = end) {
    const reach = width(falling[start]!);
    const floor = falling[start]! - reach;
    while (end < falling.length && falling[end]! >= floor) end++;
    bounds.push({ relevant: end - start, floor, ceiling: falling[end - 1]! + reach });
  }
  return bounds;
}

/** The number of `floors`, which fall, that are above `score`. */
function countAbove(floors: Float64Array, score: number): number {
  let [low, high] = [0, floors.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (floors[middle]! > score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Places in a ranking by score: 1 is the largest score, and of equal scores the lower index comes first.
 * Nothing but the rows in question is sorted.
 */

/** The most rows that {@link relevantRanks} can tell apart: an order key is 32 bits of score and 21 of index. */
export const MOST_RANKED_ROWS = 2 ** 21;

/** The place of row `item` among all. */
export function rankOf(scores: Float32Array, item: number): number {
  const own = scores[item]!;
  let ahead = 0;
  for (let row = 0; row < item; row++) if (scores[row]! >= own) ahead++;
  for (let row = item + 1; row < scores.length; row++) if (scores[row]! > own) ahead++;
  return ahead + 1;
}

/**
 * The places of the rows `relevant`, rising, in the ranking of all rows but `excluded` (-1 for none).
 *
 * @param isRelevant one entry a row, 1 for those in `relevant`. `excluded` is in neither.
 */
export function relevantRanks(
  scores: Float32Array,
  relevant: ArrayLike<number>,
  isRelevant: Uint8Array,
  excluded: number,
): Int32Array {
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = Float64Array.from(relevant, (row) => orderKey(bits[row]!, row)).sort();
  // pushed[n]: how many others stand before exactly the n lowest of the relevant rows.
  const pushed = new Int32Array(keys.length + 1);
  for (let row = 0; row < bits.length; row++) {
    if (isRelevant[row] === 0 && row !== excluded) pushed[countBelow(keys, orderKey(bits[row]!, row))]!++;
  }
  const ranks = new Int32Array(keys.length);
  let others = 0;
  for (let place = 0, lowest = keys.length; place < ranks.length; place++, lowest--) {
    others += pushed[lowest]!;
    ranks[place] = place + 1 + others;
  }
  return ranks;
}

/**
 * A number that rises with the score and falls with the index: a float32's bits, read as an integer with the
 * negative ones turned round, rise with its value. Exact in a double below {@link MOST_RANKED_ROWS} rows.
 */
function orderKey(bits: number, row: number): number {
  return (bits < 0 ? bits ^ 0x7fffffff : bits) * MOST_RANKED_ROWS - row;
}

/** How many of the rising `keys` are below `key`. */
function countBelow(keys: Float64Array, key: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

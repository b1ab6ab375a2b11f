/** Chooses queries to show, such that a few are typical of all. */
import { pickQueries } from "./neighbour-grid.ts";

/** Draws to compare. */
const DRAWS = 500;

/**
 * Chooses `count` queries. Of many random draws it takes the one in which each measure is true about as often
 * as among all queries.
 *
 * @param measures whether each measure, such as "pixels find it first", is true of each query.
 */
export function typicalQueries(
  measures: readonly (readonly boolean[])[],
  count: number,
  seed: number,
): number[] {
  const total = measures[0]!.length;
  const shares = measures.map((flags) => shareOf(flags, Array.from(flags.keys())));
  let [best, least] = [pickQueries(total, count, seed), Number.POSITIVE_INFINITY];
  for (let draw = 0; draw < DRAWS; draw++) {
    const queries = pickQueries(total, count, seed * DRAWS + draw);
    const distance = measures.reduce(
      (sum, flags, m) => sum + Math.abs(shareOf(flags, queries) - shares[m]!),
      0,
    );
    if (distance < least) [best, least] = [queries, distance];
  }
  return best;
}

function shareOf(flags: readonly boolean[], queries: readonly number[]): number {
  return queries.filter((query) => flags[query]).length / queries.length;
}

import type { Sums } from "./contingency-table.ts";

/** Terms below this share of the largest are left out; far below the rounding of a sum of doubles. */
const NEGLIGIBLE = 1e-20;

/**
 * The expected mutual information, in nats, of two clusterings with these cluster sizes if the pictures are
 * shuffled:
 *
 *   E = Σ over a and b of Σ_n P(n) · (n / N) · log( N·n / (a·b) )
 *
 * P is the hypergeometric probability that n of N pictures are in a cluster of size a and in one of size b.
 *
 * The terms of the inner sum are taken from the most likely n outwards, each from its neighbour by the ratio
 * of their probabilities, and divided by the sum of all. So there are neither factorials nor terms that make
 * no difference. Pairs of equal sizes are computed once.
 *
 * Source: Vinh, Epps and Bailey 2010, "Information Theoretic Measures for Clusterings Comparison", Journal of
 * Machine Learning Research 11, where the model of randomness is derived.
 *
 * @param sums whole numbers.
 */
export function expectedMutualInformation({ rows, cols, total }: Sums): number {
  const [ofRows, ofCols] = [countSizes(rows), countSizes(cols)];
  let expected = 0;
  for (const [a, times] of ofRows) {
    for (const [b, more] of ofCols) expected += times * more * expectedTerm(a, b, total);
  }
  return expected;
}

function countSizes(sizes: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const size of sizes) if (size > 0) counts.set(size, (counts.get(size) ?? 0) + 1);
  return counts;
}

/** Σ_n P(n) · (n / N) · log(N·n / (a·b)). */
function expectedTerm(a: number, b: number, total: number): number {
  const value = (n: number) => (n === 0 ? 0 : (n / total) * Math.log((total * n) / (a * b)));
  const least = Math.max(0, a + b - total);
  const most = Math.min(a, b);
  const likeliest = Math.min(most, Math.max(least, Math.floor(((a + 1) * (b + 1)) / (total + 2))));
  let [weights, values] = [1, value(likeliest)];
  for (let n = likeliest, weight = 1; n < most && weight > NEGLIGIBLE; ) {
    // P(n + 1) / P(n)
    weight *= ((a - n) * (b - n)) / ((n + 1) * (total - a - b + n + 1));
    n += 1;
    weights += weight;
    values += weight * value(n);
  }
  for (let n = likeliest, weight = 1; n > least && weight > NEGLIGIBLE; ) {
    // P(n - 1) / P(n)
    weight *= (n * (total - a - b + n)) / ((a - n + 1) * (b - n + 1));
    n -= 1;
    weights += weight;
    values += weight * value(n);
  }
  return values / weights;
}

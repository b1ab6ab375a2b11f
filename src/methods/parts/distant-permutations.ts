/** Orders that differ from each other in as many places as possible. */

const known = new Map<string, readonly (readonly number[])[]>();

/**
 * `count` permutations of 0 … n - 1. The first is the identity. Each next one has the largest sum of Hamming
 * distances to all those before it; ties go to the first in lexicographic order. 100 permutations of nine
 * numbers differ in 8.1 places on average, and random ones in 8. The two nearest ones differ in 2.
 *
 * Source: Noroozi and Favaro 2016, arXiv 1603.09246, algorithm 1 (with the identity for its random first
 * choice).
 *
 * @param n at most 9, because all n! permutations are examined.
 */
export function distantPermutations(n: number, count: number): readonly (readonly number[])[] {
  const key = `${n}/${count}`;
  const chosen = known.get(key) ?? choose(n, count);
  known.set(key, chosen);
  return chosen;
}

function choose(n: number, count: number): number[][] {
  const all = permutationsOf(n); // n! rows of n
  const total = all.length / n;
  // How often each number is at each place in the chosen permutations. A row with fewer matches has larger
  // distances.
  const seen = new Int32Array(n * n);
  const taken = new Uint8Array(total);
  const chosen: number[][] = [];
  for (let row = 0; chosen.length < Math.min(count, total); row = leastMatching(all, seen, taken, n)) {
    taken[row] = 1;
    const permutation = Array.from(all.subarray(row * n, (row + 1) * n));
    for (const [place, value] of permutation.entries()) seen[place * n + value]! += 1;
    chosen.push(permutation);
  }
  return chosen;
}

function leastMatching(all: Uint8Array, seen: Int32Array, taken: Uint8Array, n: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let row = 0; row < taken.length; row++) {
    if (taken[row] === 1) continue;
    let matches = 0;
    for (let place = 0; place < n; place++) matches += seen[place * n + all[row * n + place]!]!;
    if (matches < least) [best, least] = [row, matches];
  }
  return best;
}

/** All permutations in lexicographic order, n numbers each. */
function permutationsOf(n: number): Uint8Array {
  const total = Array.from({ length: n }, (_, i) => i + 1).reduce((product, factor) => product * factor, 1);
  const all = new Uint8Array(total * n);
  for (let row = 0; row < total; row++) writePermutation(all.subarray(row * n, (row + 1) * n), row);
  return all;
}

/**
 * Writes the permutation of a rank: each digit of the rank in factorial base picks the next of the remaining
 * numbers.
 */
function writePermutation(out: Uint8Array, rank: number): void {
  const n = out.length;
  for (let place = n - 1, rest = rank, base = 1; place >= 0; place--, base++) {
    out[place] = rest % base;
    rest = Math.floor(rest / base);
    // Later numbers that are not below this one move up by one.
    for (let later = place + 1; later < n; later++) if (out[later]! >= out[place]!) out[later]! += 1;
  }
}

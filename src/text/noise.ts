/** Noise: distributions of words that are known and cheap to draw from. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import type { RandomStream } from "../random/random-stream.ts";

/** q, a distribution of V words. */
export interface Noise {
  readonly name: string;
  /** log q(w) of every word, finite. */
  readonly logProbabilities: Float64Array;
  /** Fills with words that are drawn independently, with replacement. */
  fill(out: Int32Array, random: RandomStream): void;
}

/**
 * q(w) ∝ max(count(w), 1)^power. A power of 1 is the unigram distribution, 0 the uniform one; 0.75 is that of
 * Mikolov et al. 2013 (arXiv 1310.4546, section 2.2). Words are drawn by Walker's method of aliases (1977),
 * in a time that does not grow with V.
 *
 * @param counts of the V words in the training text.
 * @throws AfterimageError `usage/value` for a power outside of [0, 1], `data/empty` for no words.
 */
export function unigramNoise(counts: ArrayLike<number>, power = 0.75): Noise {
  if (!(power >= 0 && power <= 1)) {
    throw new AfterimageError("usage/value", {
      what: `${optionName("power")} of the noise is out of range`,
      expected: "a number from 0 to 1",
      got: `${power}`,
    });
  }
  requireWords(counts);
  const shares = Float64Array.from(counts, (count) => Math.max(count, 1) ** power);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const q = shares.map((share) => share / total);
  const { keep, alias } = aliasTable(q);
  return {
    name: `unigram^${power}`,
    logProbabilities: q.map(Math.log),
    fill(out, random) {
      for (let i = 0; i < out.length; i++) {
        const place = random.uniform(0, q.length);
        const word = Math.floor(place);
        out[i] = place - word < keep[word]! ? word : alias[word]!;
      }
    },
  };
}

/**
 * The log-uniform distribution over ranks: q(word of rank r) = log((r + 2) / (r + 1)) / log(V + 1), r from 0
 * for the most frequent word. It stands for Zipf's law, and needs no table: r = ⌊(V + 1)^u⌋ - 1 for a uniform
 * u. TensorFlow's `log_uniform_candidate_sampler` has the same formula.
 *
 * @param counts of the V words, from which the ranks follow; equal counts by number.
 * @throws AfterimageError `data/empty` for no words.
 */
export function logUniformNoise(counts: ArrayLike<number>): Noise {
  requireWords(counts);
  const size = counts.length;
  const byRank = Int32Array.from({ length: size }, (_, word) => word).sort(
    (a, b) => counts[b]! - counts[a]! || a - b,
  );
  const range = Math.log(size + 1);
  const logProbabilities = new Float64Array(size);
  for (const [rank, word] of byRank.entries())
    logProbabilities[word] = Math.log(Math.log1p(1 / (rank + 1)) / range);
  return {
    name: "log-uniform",
    logProbabilities,
    fill(out, random) {
      for (let i = 0; i < out.length; i++) {
        const rank = Math.floor(Math.exp(random.uniform() * range)) - 1;
        out[i] = byRank[Math.min(rank, size - 1)]!;
      }
    },
  };
}

function requireWords(counts: ArrayLike<number>): void {
  if (counts.length > 0) return;
  throw new AfterimageError("data/empty", { what: "noise needs at least one word to draw" });
}

/**
 * Every word has a place of the width 1/V. It keeps a part of it, and the rest belongs to one other word, its
 * alias.
 */
function aliasTable(q: Float64Array): { keep: Float64Array; alias: Int32Array } {
  const keep = q.map((share) => share * q.length);
  const alias = Int32Array.from(keep.keys());
  const small = [...keep.keys()].filter((word) => keep[word]! < 1);
  const large = [...keep.keys()].filter((word) => keep[word]! >= 1);
  while (small.length > 0 && large.length > 0) {
    const [poor, rich] = [small.pop()!, large.at(-1)!];
    alias[poor] = rich;
    keep[rich]! -= 1 - keep[poor]!;
    if (keep[rich]! < 1) small.push(large.pop()!);
  }
  // What is left differs from 1 by rounding alone.
  for (const word of [...small, ...large]) keep[word] = 1;
  return { keep, alias };
}

import { describe, expect, it } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { logUniformNoise, type Noise, unigramNoise } from "./noise.ts";

const counts = [3, 120, 0, 40, 7, 40, 1, 18];
const DRAWS = 200_000;

/** How far the shares of drawn words are from q, in standard errors of a share. */
function largestDeviation(noise: Noise): number {
  const drawn = new Int32Array(DRAWS);
  noise.fill(drawn, randomStream(3, "test", 0, 0));
  const shares = new Float64Array(noise.logProbabilities.length);
  for (const word of drawn) shares[word]! += 1 / DRAWS;
  return Math.max(
    ...noise.logProbabilities.map((logQ, word) => {
      const q = Math.exp(logQ);
      return Math.abs(shares[word]! - q) / Math.sqrt((q * (1 - q)) / DRAWS);
    }),
  );
}

const sum = (noise: Noise) => noise.logProbabilities.reduce((total, logQ) => total + Math.exp(logQ), 0);

describe.each([
  ["unigram^0.75", unigramNoise(counts)],
  ["unigram^1", unigramNoise(counts, 1)],
  ["unigram^0", unigramNoise(counts, 0)],
  ["log-uniform", logUniformNoise(counts)],
  ["of one word", unigramNoise([5])],
])("noise %s", (_, noise) => {
  it("is a distribution, and draws words with its probabilities", () => {
    expect(sum(noise)).toBeCloseTo(1, 12);
    if (noise.logProbabilities.length > 1) expect(largestDeviation(noise)).toBeLessThan(4);
  });

  it("draws the same words from the same stream", () => {
    const [first, second] = [new Int32Array(50), new Int32Array(50)];
    noise.fill(first, randomStream(1, "test", 0, 0));
    noise.fill(second, randomStream(1, "test", 0, 0));
    expect(first).toEqual(second);
  });
});

it("unigram noise goes with the power of the counts, where a word that never occurs counts as once", () => {
  const q = unigramNoise(counts, 0.75).logProbabilities;
  expect(Math.exp(q[1]! - q[3]!)).toBeCloseTo((120 / 40) ** 0.75, 12);
  expect(q[2]).toBe(q[6]);
});

it("log-uniform noise goes by the rank alone", () => {
  const q = logUniformNoise(counts).logProbabilities;
  const ranks = [1, 3, 5, 7, 4, 0, 6, 2];
  for (const [rank, word] of ranks.entries())
    expect(q[word]).toBeCloseTo(Math.log(Math.log((rank + 2) / (rank + 1)) / Math.log(9)), 12);
});

it("refuses a power out of range, and no words", () => {
  expect(() => unigramNoise(counts, 2)).toThrow(
    "`power` of the noise is out of range; expected a number from 0 to 1; got 2",
  );
  expect(() => unigramNoise([])).toThrow("noise needs at least one word to draw");
  expect(() => logUniformNoise([])).toThrow("noise needs at least one word to draw");
});

import { expect, it } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { Vocabulary } from "./vocabulary.ts";

const [WORDS, SENTENCES, LENGTH] = [50_000, 500_000, 20];

it("counts trigrams of 10 million words, which Zipf's law draws, in less than half a gigabyte", () => {
  const vocabulary = new Vocabulary(Array.from({ length: WORDS - 2 }, (_, i) => `w${i}`));
  const counts = new NgramCounts(vocabulary, { order: 3 });
  const random = randomStream(0, "test", 0, 0);
  const range = Math.log(WORDS - 2);
  const before = process.memoryUsage().arrayBuffers;
  const sentence = new Int32Array(LENGTH);
  for (let i = 0; i < SENTENCES; i++) {
    for (let at = 0; at < LENGTH; at++) sentence[at] = 2 + Math.floor(Math.exp(random.uniform() * range)) - 1;
    counts.add(sentence);
  }
  const sums = counts.levels.map((level) => level.counts.reduce((sum, count) => sum + count, 0));
  // A sentence has its words and its end; as many bigrams, from its start on; and one trigram fewer.
  expect(sums).toEqual([LENGTH + 1, LENGTH + 1, LENGTH].map((length) => length * SENTENCES));
  const different = counts.levels.reduce((sum, { size }) => sum + size, 0);
  expect(different).toBeGreaterThan(8e6);
  expect(counts.bytes).toBeLessThan(35 * different);
  expect(counts.bytes).toBeLessThan(512e6);
  // While a table grows, its old and new arrays are both there.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e9);
}, 300_000);

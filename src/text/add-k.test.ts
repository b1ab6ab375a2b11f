import { expect, it } from "vitest";
import { addK } from "./add-k.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { Vocabulary } from "./vocabulary.ts";

const vocabulary = new Vocabulary(["a", "b"]);
const counts = NgramCounts.of([["a", "b", "a", "b", "b"]], { vocabulary, order: 2, marks: false });
const [a, b] = [2, 3];

it("adds k to every count, of V words", () => {
  const model = addK(counts, 0.5);
  expect(model.probability([b], b)).toBe((1 + 0.5) / (2 + 0.5 * 4));
  expect(model.probability([a], a)).toBe(0.5 / (2 + 0.5 * 4));
});

it("gives every word 1/V after what was never seen, or after too short a context", () => {
  const model = addK(counts, 3);
  for (const context of [[vocabulary.unknown], []])
    expect([...model.distribution(context)]).toEqual(Array(4).fill(0.25));
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a k of %f", (k) => {
  expect(() => addK(counts, k)).toThrow(
    `\`k\` of add-k smoothing is out of range; expected a number above 0; got ${k}`,
  );
  expect(() => addK(counts, k)).toThrow(expect.objectContaining({ isUsage: true }));
});

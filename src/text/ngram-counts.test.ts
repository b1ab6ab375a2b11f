import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NgramCounts } from "./ngram-counts.ts";
import { Vocabulary } from "./vocabulary.ts";

const letters = ["a", "b", "c", "d"];
const vocabulary = new Vocabulary(letters);
const word = fc.constantFrom(...letters);

describe("counts of n-grams", () => {
  it("are those of a search through the text", () => {
    const texts = fc.array(fc.array(word, { maxLength: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 4 }), fc.boolean(), (sentences, order, marks) => {
        const counts = new NgramCounts(vocabulary, { order, marks });
        const expected = new Map<string, number>();
        for (const sentence of sentences) {
          const numbers = vocabulary.encode(sentence);
          counts.add(numbers);
          const tokens = marks ? [vocabulary.start, ...numbers, vocabulary.end] : [...numbers];
          for (let length = 1; length <= order; length++)
            for (let at = 0; at + length <= tokens.length; at++) {
              const gram = tokens.slice(at, at + length);
              if (gram.at(-1) === vocabulary.start) continue;
              expected.set(gram.join(), (expected.get(gram.join()) ?? 0) + 1);
            }
        }
        for (const [gram, count] of expected) expect(counts.count(gram.split(",").map(Number))).toBe(count);
        const found = counts.levels.flatMap((level) => [...level.counts].filter((count) => count > 0));
        expect(found.length).toBe(expected.size);
      }),
      { numRuns: 60 },
    );
  });

  it("are 0 of what is not there or is longer than the order", () => {
    const counts = NgramCounts.of([letters], { vocabulary, order: 2 });
    expect(counts.count(vocabulary.encode(["a", "c"]))).toBe(0);
    expect(counts.count(vocabulary.encode(["a", "b", "c"]))).toBe(0);
    expect(counts.predicted).toBe(5);
  });

  it("take less than 35 bytes for each different n-gram, however long the text is", () => {
    const many = new Vocabulary(Array.from({ length: 500 }, (_, i) => `w${i}`));
    const counts = new NgramCounts(many, { order: 3 });
    let state = 1;
    for (let i = 0; i < 2000; i++) {
      const sentence = Int32Array.from({ length: 20 }, () => {
        state = Math.imul(state, 1664525) + 1013904223;
        return (state >>> 8) % 502;
      });
      counts.add(sentence);
    }
    const different = counts.levels.reduce((sum, { size }) => sum + size, 0);
    expect(different).toBeGreaterThan(70_000);
    expect(counts.bytes).toBeLessThan(35 * different);
  });
});

describe("a text that cannot be counted", () => {
  it.each([0, -1, 1.5, Number.NaN])("by an order of %f", (order) => {
    const count = () => NgramCounts.of([letters], { vocabulary, order });
    expect(count).toThrow(`\`order\` is out of range; expected a whole number, 1 or more; got ${order}`);
    expect(count).toThrow(expect.objectContaining({ code: "usage/value", isUsage: true }));
  });

  it("without words", () => {
    const count = () => NgramCounts.of([], { vocabulary, order: 2 });
    expect(count).toThrow("the text has no words");
    expect(count).toThrow(expect.objectContaining({ isUsage: true }));
  });

  it("that is shorter than the order", () => {
    const count = () => NgramCounts.of([["a"], ["a", "b"]], { vocabulary, order: 5 });
    expect(count).toThrow(
      "the text is shorter than the order of the model; expected a sentence of at least 5 words, its marks " +
        "included; got at most 4. Give a longer text, or a smaller `order`.",
    );
    expect(count).toThrow(expect.objectContaining({ isUsage: true }));
  });
});

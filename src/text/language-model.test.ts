import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { absoluteDiscounting } from "./absolute-discounting.ts";
import { addK } from "./add-k.ts";
import { kneserNey, modifiedKneserNey } from "./kneser-ney.ts";
import { type LanguageModel, logProbability, perplexity } from "./language-model.ts";
import { maximumLikelihood } from "./maximum-likelihood.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { readArpa } from "./read-arpa.ts";
import { Vocabulary } from "./vocabulary.ts";
import { writeArpa } from "./write-arpa.ts";

const MODELS: Readonly<Record<string, (counts: NgramCounts) => LanguageModel>> = {
  "maximum likelihood": maximumLikelihood,
  "add 0.01": (counts) => addK(counts, 0.01),
  "add 1": (counts) => addK(counts, 1),
  "absolute discounting": (counts) => absoluteDiscounting(counts),
  "absolute discounting by 0.75, from counts": (counts) =>
    absoluteDiscounting(counts, { discount: 0.75, lowest: "counts" }),
  "Kneser–Ney": (counts) => kneserNey(counts),
  "Kneser–Ney by 1, from counts": (counts) => kneserNey(counts, { discount: 1, lowest: "counts" }),
  "modified Kneser–Ney": (counts) => modifiedKneserNey(counts),
};

const word = fc.constantFrom("a", "b", "c", "d", "e", "f", "g");
const texts = fc.record({
  sentences: fc.array(fc.array(word, { maxLength: 12 }), { minLength: 1, maxLength: 12 }),
  order: fc.integer({ min: 1, max: 4 }),
  marks: fc.boolean(),
  size: fc.integer({ min: 3, max: 12 }),
});
type Text = typeof texts extends fc.Arbitrary<infer T> ? T : never;

/** Counts of a text that begins with a sentence of all words, so that it is long enough for any order. */
function countsOf({ sentences, order, marks, size }: Text): NgramCounts {
  const all = [["a", "b", "c", "d", "e"], ...sentences];
  return NgramCounts.of(all, { vocabulary: Vocabulary.of(all, { size }), order, marks });
}

/** Every context of up to two words that there can be, and longer ones of the text's last sentence. */
function contextsOf({ vocabulary: { size, start } }: NgramCounts, sentence: Int32Array): number[][] {
  const words = Array.from({ length: size + 1 }, (_, id) => id);
  const pairs = words.flatMap((a) => words.map((b) => [a, b]));
  const longer = Array.from(sentence, (_, i) => Array.from(sentence.subarray(Math.max(0, i - 3), i)));
  return [
    [],
    ...words.map((id) => [id]),
    ...pairs,
    ...longer,
    ...longer.map((context) => [start, ...context]),
  ];
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

describe.each(Object.entries(MODELS))("%s", (_, estimate) => {
  it("gives every context probabilities that add up to 1 to 1e-12, one by one and all at once", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const counts = countsOf(text);
        const model = estimate(counts);
        const last = counts.vocabulary.encode(text.sentences.at(-1)!);
        const errors = contextsOf(counts, last).map((context) => {
          const p = model.distribution(context);
          const apart = p.map((each, id) => Math.abs(model.probability(context, id) - each));
          return { sum: Math.abs(sum(p) - 1), apart: Math.max(...apart), least: Math.min(...p) };
        });
        expect(Math.max(...errors.map((error) => error.sum))).toBeLessThan(1e-12);
        expect(Math.max(...errors.map(({ apart }) => apart))).toBeLessThan(1e-15);
        expect(Math.min(...errors.map(({ least }) => least))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40 },
    );
  });

  it("says of a sentence what the chain rule says, and its perplexity by the mean", () => {
    const counts = countsOf({ sentences: [["a", "b", "a"]], order: 2, marks: true, size: 9 });
    const model = estimate(counts);
    const [a, b, end, start] = [
      ...["a", "b"].map((w) => counts.vocabulary.numberOf(w)),
      1,
      counts.vocabulary.start,
    ];
    const product =
      model.probability([start!], a!) *
      model.probability([a!], b!) *
      model.probability([b!], a!) *
      model.probability([a!], end!);
    expect(logProbability(model, ["a", "b", "a"])).toBeCloseTo(Math.log(product), 12);
    const prediction = perplexity(model, [["a", "b", "a"]]);
    expect(prediction).toMatchObject({ words: 4, unknown: 0 });
    expect(prediction.perplexity).toBeCloseTo(product ** (-1 / 4), 12);
  });
});

describe("a model in an ARPA file", () => {
  it("is read as it was written, to 9 digits", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const counts = countsOf({ ...text, marks: true });
        const model = modifiedKneserNey(counts);
        const again = readArpa(writeArpa(model));
        expect(again.marks).toBe(true);
        const numbers = counts.vocabulary.words.map((each) => again.vocabulary.numberOf(each));
        const errors = contextsOf(counts, counts.vocabulary.encode(["a", "b", "d"])).map((context) => {
          const p = again.distribution(context.map((id) => numbers[id]!));
          return Math.max(
            ...model.distribution(context).map((each, id) => Math.abs(p[numbers[id]!]! / each - 1)),
          );
        });
        expect(Math.max(...errors)).toBeLessThan(1e-8);
      }),
      { numRuns: 30 },
    );
  });
});

describe("perplexity", () => {
  const counts = countsOf({ sentences: [["a", "b", "g", "g"]], order: 3, marks: true, size: 100 });

  it("is V where nothing is known, and 1 where everything is", () => {
    const flat = perplexity(addK(counts, 1e15), [["a", "b"]]);
    expect(flat.perplexity).toBeCloseTo(counts.vocabulary.size, 6);
    const one = NgramCounts.of([["x"]], { vocabulary: new Vocabulary(["x"]), order: 2 });
    expect(perplexity(maximumLikelihood(one), [["x"]]).perplexity).toBe(1);
  });

  it("is infinite for a word that cannot be, and counts words that are not known", () => {
    const prediction = perplexity(maximumLikelihood(counts), [["a", "zebra"], ["a"]]);
    expect(prediction).toMatchObject({ perplexity: Number.POSITIVE_INFINITY, unknown: 1, words: 5 });
    expect(perplexity(modifiedKneserNey(counts), [["a", "zebra"]]).perplexity).toBeLessThan(100);
  });

  it("is refused for no words", () => {
    expect(() => perplexity(kneserNey(counts), [])).toThrow("a text without words has no perplexity");
  });
});

/**
 * Counted models against NLTK's and KenLM's, on the fixtures of scripts/make_ngram_models.py and
 * make_kenlm_models.py.
 */
import { readFileSync } from "node:fs";
import {
  addK,
  type BackoffModel,
  kneserNey,
  type LanguageModel,
  maximumLikelihood,
  modifiedKneserNey,
  NgramCounts,
  readArpa,
  Vocabulary,
} from "afterimage/text";
import { describe, expect, it } from "vitest";
import { contextAt, predictedTokens } from "../../src/text/language-model.ts";

interface Scores {
  context: string[];
  scores: Record<string, number>;
}

interface NltkCase {
  order: number;
  mle: Scores[];
  lidstone?: Scores[];
  kneser_ney?: Scores[];
}

interface KenlmCase {
  training: string[];
  test: string[];
  discounts: number[][];
  sizes: number[];
  log10: number[];
  arpa?: string;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(`test/fixtures/${name}.json`, "utf8")) as T;
}

const nltk = read<{
  stream: string[];
  sentences: string[][];
  gamma: number;
  discount: number;
  streams: NltkCase[];
  marked: NltkCase[];
}>("ngram-models");
const kenlm = read<{ order: number; addresses: KenlmCase; small: KenlmCase }>("kenlm-models");

/** The largest difference of a probability from NLTK's; NLTK's unknown word is "<UNK>". */
function largestError(model: LanguageModel, reference: readonly Scores[]): number {
  const { vocabulary } = model;
  const errors = reference.flatMap(({ context, scores }) =>
    Object.entries(scores).map(([word, score]) =>
      Math.abs(model.probability(vocabulary.encode(context), vocabulary.numberOf(word)) - score),
    ),
  );
  expect(errors.length).toBeGreaterThan(10);
  return Math.max(...errors);
}

describe.each(nltk.streams)("a model of order $order without marks", ({ order, mle, lidstone }) => {
  const vocabulary = Vocabulary.of([nltk.stream]);
  const counts = NgramCounts.of([nltk.stream], { vocabulary, order, marks: false });

  it("has NLTK's maximum likelihood", () => {
    expect(largestError(maximumLikelihood(counts), mle)).toBeLessThan(1e-14);
  });

  it("has NLTK's Lidstone smoothing", () => {
    expect(largestError(addK(counts, nltk.gamma), lidstone!)).toBeLessThan(1e-14);
  });
});

describe.each(nltk.streams.filter(({ order }) => order > 1))("a model of order $order", (reference) => {
  it("has NLTK's interpolated Kneser–Ney smoothing", () => {
    const vocabulary = Vocabulary.of([nltk.stream]);
    const counts = NgramCounts.of([nltk.stream], { vocabulary, order: reference.order, marks: false });
    const model = kneserNey(counts, { discount: nltk.discount, lowest: "counts" });
    expect(largestError(model, reference.kneser_ney!)).toBeLessThan(1e-14);
  });
});

describe.each(nltk.marked)("a model of order $order with marks", ({ order, mle }) => {
  it("has NLTK's maximum likelihood", () => {
    const vocabulary = Vocabulary.of(nltk.sentences);
    const counts = NgramCounts.of(nltk.sentences, { vocabulary, order });
    expect(largestError(maximumLikelihood(counts), mle)).toBeLessThan(1e-14);
  });
});

/** log10 p of every predicted word of the sentences, one after another. */
function log10s(model: LanguageModel, sentences: readonly string[]): number[] {
  return sentences.flatMap((sentence) => {
    const { tokens, first } = predictedTokens(sentence.split(" "), model);
    return Array.from(tokens.subarray(first), (word, i) =>
      Math.log10(model.probability(contextAt(tokens, first + i, model.order), word)),
    );
  });
}

function kenlmModel({ training }: KenlmCase): BackoffModel {
  const sentences = training.map((sentence) => sentence.split(" "));
  const vocabulary = Vocabulary.of(sentences);
  return modifiedKneserNey(NgramCounts.of(sentences, { vocabulary, order: kenlm.order }));
}

const largestDifference = (a: readonly number[], b: readonly number[]) => {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
};

describe.each(["addresses", "small"] as const)("KenLM's model of the text %s", (name) => {
  const reference = kenlm[name];
  const model = kenlmModel(reference);

  it("has as many n-grams of each length", () => {
    expect(model.parts.levels.map(({ size }) => size)).toEqual(reference.sizes);
  });

  it("has the same modified Kneser–Ney probabilities, to the digits of float32", () => {
    expect(largestDifference(log10s(model, reference.test), reference.log10)).toBeLessThan(2e-6);
  });
});

it("KenLM's ARPA file says what KenLM says of it", () => {
  const { arpa, test, log10 } = kenlm.small;
  expect(largestDifference(log10s(readArpa(arpa!), test), log10)).toBeLessThan(1e-6);
});

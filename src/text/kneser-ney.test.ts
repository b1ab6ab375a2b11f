import { describe, expect, it } from "vitest";
import { absoluteDiscounting } from "./absolute-discounting.ts";
import { kneserNey, modifiedKneserNey } from "./kneser-ney.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { Vocabulary } from "./vocabulary.ts";

/** A text of 400 words of a skewed alphabet. */
const stream = (() => {
  let state = 7;
  return Array.from({ length: 400 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return "abcdefghij"[Math.floor(10 * (state / 2 ** 32) ** 2)]!;
  });
})();
const vocabulary = Vocabulary.of([stream]);
const V = vocabulary.size;
const words = [...new Set(stream)];

/** How often the words stand one after another in the text. */
const c = (...gram: string[]) =>
  stream.filter((_, at) => gram.every((word, i) => stream[at + i] === word)).length;
/** N₁₊(• gram): the number of different words before it. */
const preceding = (...gram: string[]) => words.filter((word) => c(word, ...gram) > 0).length;
const sum = (of: (word: string) => number) => words.reduce((total, word) => total + of(word), 0);
const find = (...context: string[]) => vocabulary.encode(context);
const counts = (order: number) => NgramCounts.of([stream], { vocabulary, order, marks: false });

describe("absolute discounting", () => {
  it("is Ney's formula, with D = n₁ / (n₁ + 2·n₂) of bigrams and of words", () => {
    const discount = (all: number[]) => {
      const [one, two] = [1, 2].map((n) => all.filter((count) => count === n).length) as [number, number];
      return one > 0 && two > 0 ? one / (one + 2 * two) : 0.5;
    };
    const d2 = discount(words.flatMap((u) => words.map((w) => c(u, w))));
    const d1 = discount(words.map((w) => c(w)));
    const unigram = (w: string) =>
      Math.max(c(w) - d1, 0) / stream.length + (words.length * d1) / stream.length / V;
    const formula = (u: string, w: string) => {
      const total = sum((v) => c(u, v));
      const kinds = words.filter((v) => c(u, v) > 0).length;
      return Math.max(c(u, w) - d2, 0) / total + ((d2 * kinds) / total) * unigram(w);
    };
    const model = absoluteDiscounting(counts(2));
    for (const u of words)
      for (const w of words)
        expect(model.probability(find(u), vocabulary.numberOf(w))).toBeCloseTo(formula(u, w), 13);
  });
});

/** Chen and Goodman 1998, section 3: three discounts, from the counts of counts. */
function discounts(all: number[]): [number, number, number] {
  const n = [0, 1, 2, 3, 4].map((count) => all.filter((each) => each === count).length);
  const y = n[1]! / (n[1]! + 2 * n[2]!);
  const three = [1, 2, 3].map((i) => i - ((i + 1) * y * n[i + 1]!) / n[i]!);
  const usable = n[1]! * n[2]! * n[3]! > 0 && three.every((d, i) => d >= 0 && d <= i + 1);
  return (usable ? three : [0.5, 1, 1.5]) as [number, number, number];
}

describe("modified Kneser–Ney", () => {
  it("is Chen and Goodman's formula for trigrams", () => {
    const pairs = words.flatMap((u) => words.map((w) => [u, w] as const));
    const d3 = discounts(pairs.flatMap(([t, u]) => words.map((w) => c(t, u, w))));
    const d2 = discounts(pairs.map(([u, w]) => preceding(u, w)));
    const d1 = discounts(words.map((w) => preceding(w)));
    expect(new Set([...d3, ...d2]).size).toBeGreaterThan(3);
    const taken = (count: number, d: readonly number[]) => (count === 0 ? 0 : d[Math.min(count, 3) - 1]!);
    const level = (a: (w: string) => number, d: readonly number[], lower: (w: string) => number) => {
      const total = sum(a);
      const gamma = sum((v) => taken(a(v), d)) / total;
      return (w: string) => (a(w) - taken(a(w), d)) / total + gamma * lower(w);
    };
    const p1 = level(
      (w) => preceding(w),
      d1,
      () => 1 / V,
    );
    const p2 = (u: string) => level((w) => preceding(u, w), d2, p1);
    const p3 = (t: string, u: string) => level((w) => c(t, u, w), d3, p2(u));
    const model = modifiedKneserNey(counts(3));
    for (const [t, u] of pairs.filter(([a, b]) => words.some((w) => c(a, b, w) > 0))) {
      const formula = p3(t, u);
      for (const w of words)
        expect(model.probability(find(t, u), vocabulary.numberOf(w))).toBeCloseTo(formula(w), 13);
    }
  });
});

describe("Kneser–Ney", () => {
  it("gives a word that is frequent in one context alone little in a new one", () => {
    const text = "san francisco . san francisco . san francisco . the bay . a bay . my bay .".split(" ");
    const known = Vocabulary.of([text]);
    const bigrams = NgramCounts.of([text], { vocabulary: known, order: 2, marks: false });
    const [bay, francisco] = ["bay", "francisco"].map((word) => known.numberOf(word)) as [number, number];
    const givenBay = (model: ReturnType<typeof kneserNey>, word: number) =>
      model.probability(known.encode(["bay"]), word);
    const ratio = (model: ReturnType<typeof kneserNey>) => givenBay(model, bay) / givenBay(model, francisco);
    expect(ratio(absoluteDiscounting(bigrams))).toBeCloseTo(1, 12);
    expect(ratio(kneserNey(bigrams))).toBeGreaterThan(2);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses a discount of %f", (discount) => {
    for (const estimate of [kneserNey, absoluteDiscounting])
      expect(() => estimate(counts(2), { discount })).toThrow(
        `\`discount\` is out of range; expected a number from 0 to 1; got ${discount}`,
      );
  });
});

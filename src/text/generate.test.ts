import { describe, expect, it } from "vitest";
import { generate } from "./generate.ts";
import { kneserNey } from "./kneser-ney.ts";
import { maximumLikelihood } from "./maximum-likelihood.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { Vocabulary } from "./vocabulary.ts";

const sentences = [["a", "b", "a", "b", "c"], ["a", "c"], ["b", "a", "c"], ["b"]];
const counts = NgramCounts.of(sentences, { vocabulary: Vocabulary.of(sentences), order: 3 });

describe("generate", () => {
  it("draws the same sentence from the same seed, and others from others", () => {
    const model = kneserNey(counts);
    const drawn = Array.from({ length: 20 }, (_, seed) => generate(model, { seed }).join(" "));
    expect(drawn).toEqual(Array.from({ length: 20 }, (_, seed) => generate(model, { seed }).join(" ")));
    expect(new Set(drawn).size).toBeGreaterThan(5);
  });

  it("draws words with their probabilities: first words as often as the text has them", () => {
    const model = maximumLikelihood(counts);
    const firsts = Array.from({ length: 2000 }, (_, seed) => generate(model, { seed, most: 1 })[0]);
    const share = firsts.filter((word) => word === "a").length / firsts.length;
    // Half of the sentences begin with a; four standard errors are .045.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.045);
    expect(new Set(firsts)).toEqual(new Set(["a", "b"]));
  });

  it("goes on from a prompt, and ends at the end of a sentence or at the most words", () => {
    const model = maximumLikelihood(counts);
    expect(generate(model, { prompt: ["a", "b", "a"], most: 4 })).toHaveLength(4);
    expect(generate(model, { prompt: ["b", "c"] })).toEqual(["b", "c"]);
    expect(generate(kneserNey(counts), { most: 3, seed: 5 }).length).toBeLessThanOrEqual(3);
  });

  it("never draws the unknown word, and refuses to draw no words", () => {
    const few = Vocabulary.of(sentences, { size: 3 });
    const model = kneserNey(NgramCounts.of(sentences, { vocabulary: few, order: 2 }));
    const drawn = Array.from({ length: 50 }, (_, seed) => generate(model, { seed })).flat();
    expect(new Set(drawn)).toEqual(new Set(["a"]));
    const onlyUnknown = maximumLikelihood(NgramCounts.of([["z", "z"]], { vocabulary: few, order: 2 }));
    expect(generate(onlyUnknown)).toEqual([]);
    expect(() => generate(model, { most: 0 })).toThrow("`most` is out of range");
  });
});

import { expect, it } from "vitest";
import { maximumLikelihood } from "./maximum-likelihood.ts";
import { NgramCounts } from "./ngram-counts.ts";
import { Vocabulary } from "./vocabulary.ts";
import { writeArpa } from "./write-arpa.ts";

function modelOf(sentences: string[][]) {
  return maximumLikelihood(NgramCounts.of(sentences, { vocabulary: Vocabulary.of(sentences), order: 2 }));
}

it("writes a section for each length, with weights but in the last", () => {
  // After "a" come "b" and the end, once each. Nothing comes after the end: there the shorter context says
  // all.
  expect(writeArpa(modelOf([["a", "b"], ["a"]]))).toBe(`\\data\\
ngram 1=5
ngram 2=4

\\1-grams:
-99\t<unk>\t0
-0.3979400087\t</s>\t0
-0.3979400087\ta\t-99
-0.6989700043\tb\t-99
-99\t<s>\t-99

\\2-grams:
0\t<s> a
-0.3010299957\ta b
0\tb </s>
-0.3010299957\ta </s>

\\end\\
`);
});

it("refuses words with a space, which the format cannot have", () => {
  expect(() => writeArpa(modelOf([["a", " ", "b"]]))).toThrow(
    /cannot have a word with a space in it \(" "\)\. Write another sign/,
  );
});

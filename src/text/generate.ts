import { randomStream } from "../random/random-stream.ts";
import { contextAt, type LanguageModel } from "./language-model.ts";
import { requireWhole } from "./require-whole.ts";

export interface GenerateOptions {
  /** The same seed gives the same words. Default 0. */
  seed?: number;
  /** The most words. Default 100. */
  most?: number;
  /** Words that the sentence begins with. Default none. */
  prompt?: readonly string[];
}

/**
 * A sentence that the model draws word by word, without its marks: every word with its probability, until the
 * end of the sentence or `most` words, those of the prompt counted in. The unknown word is never drawn: where
 * it alone can follow, the sentence ends.
 *
 * @throws AfterimageError `usage/value` for a number of words below 1.
 */
export function generate(
  model: LanguageModel,
  { seed = 0, most = 100, prompt = [] }: GenerateOptions = {},
): string[] {
  requireWhole("most", most, 1);
  const { vocabulary, order, marks } = model;
  const random = randomStream(seed, "text/generate", 0, 0);
  const tokens = new Int32Array(most + prompt.length + 1);
  const first = marks ? 1 : 0;
  if (marks) tokens[0] = vocabulary.start;
  tokens.set(vocabulary.encode(prompt), first);
  let length = first + prompt.length;
  while (length - first < most) {
    const p = model.distribution(contextAt(tokens, length, order));
    p[vocabulary.unknown] = 0;
    const word = draw(p, random.uniform());
    if (word === null || word === vocabulary.end) break;
    tokens[length++] = word;
  }
  return vocabulary.decode(tokens.subarray(first, length));
}

/** The index at which the running sum of `p` passes a share of its whole; null where that is 0. */
function draw(p: Float64Array, share: number): number | null {
  const total = p.reduce((sum, each) => sum + each, 0);
  if (total === 0) return null;
  let rest = share * total;
  const found = p.findIndex((each) => {
    rest -= each;
    return rest < 0;
  });
  return found >= 0 ? found : p.findLastIndex((each) => each > 0);
}

/** A text as pairs of a context of n - 1 words and the word after it, as networks read it. */
import { AfterimageError } from "../errors.ts";
import { requireWhole } from "./require-whole.ts";
import type { Vocabulary } from "./vocabulary.ts";

export class Windows {
  readonly vocabulary: Vocabulary;
  /** n, the words of a context and the one after it. */
  readonly order: number;
  /** All sentences one after another, each with n - 1 starts before it and an end after it. */
  readonly #tokens: Int32Array;
  /** Where the predicted words are among them. */
  readonly #places: Int32Array;

  /**
   * @throws AfterimageError `usage/value` for an order below 2, which leaves no context; `data/empty` for no
   * sentences.
   */
  constructor(sentences: Iterable<readonly string[]>, vocabulary: Vocabulary, order: number) {
    requireWhole("order", order, 2);
    this.vocabulary = vocabulary;
    this.order = order;
    const encoded = Array.from(sentences, (sentence) => vocabulary.encode(sentence));
    if (encoded.length === 0) throw new AfterimageError("data/empty", { what: "the text has no words" });
    const words = encoded.reduce((sum, { length }) => sum + length + 1, 0);
    this.#tokens = new Int32Array(words + encoded.length * (order - 1)).fill(vocabulary.start);
    this.#places = new Int32Array(words);
    let [token, place] = [0, 0];
    for (const sentence of encoded) {
      token += order - 1;
      for (const word of [...sentence, vocabulary.end]) {
        this.#tokens[token] = word;
        this.#places[place++] = token++;
      }
    }
  }

  /** How many words are predicted, ends of sentences among them. */
  get size(): number {
    return this.#places.length;
  }

  /** How often each of the V words is predicted. */
  get counts(): Float64Array {
    const counts = new Float64Array(this.vocabulary.size);
    for (const place of this.#places) counts[this.#tokens[place]!]! += 1;
    return counts;
  }

  /** The words of windows: contexts `[B, n - 1]` and targets `[B]`, given by the numbers of the windows. */
  read(indices: Int32Array): { contexts: Int32Array; targets: Int32Array } {
    const width = this.order - 1;
    const contexts = new Int32Array(indices.length * width);
    const targets = new Int32Array(indices.length);
    for (const [row, index] of indices.entries()) {
      const place = this.#places[index]!;
      contexts.set(this.#tokens.subarray(place - width, place), row * width);
      targets[row] = this.#tokens[place]!;
    }
    return { contexts, targets };
  }
}

/** How often each n-gram of 1 to n words occurs in a text. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { NgramLevel, NONE } from "./ngram-level.ts";
import { requireWhole } from "./require-whole.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface CountOptions {
  /** n, the length of the longest n-grams: 1 or more. 3 is a trigram model. */
  order: number;
  /**
   * Whether every sentence has its marks: one start, which is never predicted, and one end. Default true.
   * Otherwise a sentence is a piece of text without beginning or end.
   */
  marks?: boolean;
}

/**
 * Counts of n-grams by length, in memory that grows with the number of different n-grams and not with the
 * text.
 */
export class NgramCounts {
  readonly vocabulary: Vocabulary;
  readonly order: number;
  readonly marks: boolean;
  /** By length less 1. The first level has all words, each under its own number. */
  readonly levels: readonly NgramLevel[];
  /** How many words were counted that can be predicted, ends of sentences among them. */
  predicted = 0;

  /** @throws AfterimageError `usage/value` for an order below 1. */
  constructor(vocabulary: Vocabulary, { order, marks = true }: CountOptions) {
    requireWhole("order", order, 1);
    this.vocabulary = vocabulary;
    this.order = order;
    this.marks = marks;
    this.levels = Array.from({ length: order }, () => new NgramLevel());
    for (let word = 0; word <= vocabulary.size; word++) this.levels[0]!.add(0, word, 0, 0);
  }

  /**
   * The counts of a text.
   *
   * @throws AfterimageError `usage/value` for an order below 1; `data/empty` for no words, `data/too-small`
   * where no sentence is as long as the order.
   */
  static of(
    sentences: Iterable<readonly string[]>,
    { vocabulary, ...options }: CountOptions & { vocabulary: Vocabulary },
  ): NgramCounts {
    const counts = new NgramCounts(vocabulary, options);
    for (const sentence of sentences) counts.add(vocabulary.encode(sentence));
    counts.requireOrder();
    return counts;
  }

  /** Bytes of all levels. */
  get bytes(): number {
    return this.levels.reduce((sum, level) => sum + level.bytes, 0);
  }

  /** Counts one sentence, given by the numbers of its words, without marks. */
  add(sentence: Int32Array): void {
    const tokens = this.marks ? withMarks(sentence, this.vocabulary) : sentence;
    // An n-gram that ends at a word follows the one, shorter by a word, that ends there: its suffix.
    let before: number[] = [];
    for (let at = 0; at < tokens.length; at++) {
      const word = tokens[at]!;
      const isPredicted = word !== this.vocabulary.start;
      const here = [this.levels[0]!.add(0, word, 0, isPredicted ? 1 : 0)];
      const longest = Math.min(this.order, at + 1);
      for (let length = 2; length <= longest; length++)
        here.push(this.levels[length - 1]!.add(before[length - 2]!, word, here[length - 2]!));
      before = here;
      if (isPredicted) this.predicted += 1;
    }
  }

  /** @throws AfterimageError `data/empty`, `data/too-small` when there is no n-gram of the full order. */
  requireOrder(): void {
    if (this.predicted === 0) throw new AfterimageError("data/empty", { what: "the text has no words" });
    if (this.order === 1 || this.levels.at(-1)!.size > 0) return;
    throw new AfterimageError("data/too-small", {
      what: "the text is shorter than the order of the model",
      expected: `a sentence of at least ${this.order} words, its marks included`,
      got: `at most ${this.levels.findLastIndex(({ size }) => size > 0) + 1}`,
      todo: `Give a longer text, or a smaller ${optionName("order")}.`,
    });
  }

  /** How often an n-gram occurs, given by the numbers of its words; 0 if never. */
  count(words: ArrayLike<number>): number {
    const id = this.find(words);
    return id === NONE ? 0 : this.levels[words.length - 1]!.counts[id]!;
  }

  /** The number of an n-gram on its level, {@link NONE} if it does not occur. */
  find(words: ArrayLike<number>): number {
    let id = 0;
    for (let at = 0; at < words.length && id !== NONE; at++)
      id = this.levels[at]?.find(id, words[at]!) ?? NONE;
    return id;
  }
}

function withMarks(sentence: Int32Array, { start, end }: Vocabulary): Int32Array {
  const tokens = new Int32Array(sentence.length + 2);
  tokens[0] = start;
  tokens.set(sentence, 1);
  tokens[tokens.length - 1] = end;
  return tokens;
}

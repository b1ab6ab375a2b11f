/** The words that a model knows, by number. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { requireWhole } from "./require-whole.ts";

/** Stands for every word that is not in the vocabulary. */
export const UNKNOWN = "<unk>";
/** Before the first word of a sentence. It is part of contexts and is never predicted. */
export const SENTENCE_START = "<s>";
/** After the last word of a sentence. It is predicted like a word. */
export const SENTENCE_END = "</s>";
const MARKS: readonly string[] = [UNKNOWN, SENTENCE_START, SENTENCE_END];

export interface VocabularyOptions {
  /** V, the most words that are predicted, {@link UNKNOWN} and {@link SENTENCE_END} among them: 3 or more. */
  size?: number;
  /** How often a word occurs at least to be known. Default 1. */
  leastCount?: number;
}

/**
 * Words by number. V of them are predicted: 0 is {@link UNKNOWN}, 1 is {@link SENTENCE_END}, then the words.
 * The number V is {@link SENTENCE_START}, which only contexts contain.
 */
export class Vocabulary {
  /** The spelling of each number; V + 1 of them. */
  readonly words: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  /**
   * @param words without marks, each once, in the order of their numbers.
   * @throws AfterimageError `usage/value` for a word that comes twice or is a mark.
   */
  constructor(words: readonly string[]) {
    this.words = [UNKNOWN, SENTENCE_END, ...words, SENTENCE_START];
    this.#numbers = new Map(this.words.map((word, id) => [word, id]));
    if (this.#numbers.size === this.words.length) return;
    const twice = this.words.find((word, id) => this.#numbers.get(word) !== id)!;
    throw new AfterimageError("usage/value", {
      what: `a vocabulary has ${MARKS.includes(twice) ? "a mark for a word" : "a word twice"}`,
      where: JSON.stringify(twice),
      expected: `every word once, and none of ${MARKS.join(", ")}`,
    });
  }

  /**
   * The most frequent words of a text, those of equal counts in the order of their code units. A mark in the
   * text is no word.
   *
   * @throws AfterimageError `usage/value` for a size below 3 or a count below 1; `data/empty` where no word
   * is frequent enough.
   */
  static of(sentences: Iterable<readonly string[]>, options: VocabularyOptions = {}): Vocabulary {
    const { size = Number.MAX_SAFE_INTEGER, leastCount = 1 } = options;
    requireWhole("size", size, 3);
    requireWhole("leastCount", leastCount, 1);
    const counts = new Map<string, number>();
    for (const sentence of sentences)
      for (const word of sentence) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const mark of MARKS) counts.delete(mark);
    const known = [...counts].filter(([, count]) => count >= leastCount).sort(byCount);
    if (known.length === 0) {
      throw new AfterimageError("data/empty", {
        what: "the text has no word for the vocabulary",
        expected: `a word that occurs ${leastCount} times or more`,
        todo: `Give a longer text, or a smaller ${optionName("leastCount")}.`,
      });
    }
    return new Vocabulary(known.slice(0, size - 2).map(([word]) => word));
  }

  /** V, how many words are predicted. */
  get size(): number {
    return this.words.length - 1;
  }

  /** The number of {@link UNKNOWN}. */
  readonly unknown = 0;
  /** The number of {@link SENTENCE_END}. */
  readonly end = 1;

  /** The number of {@link SENTENCE_START}, V. */
  get start(): number {
    return this.words.length - 1;
  }

  has(word: string): boolean {
    return this.#numbers.has(word);
  }

  /** The number of a word, that of {@link UNKNOWN} where it is not known. */
  numberOf(word: string): number {
    return this.#numbers.get(word) ?? this.unknown;
  }

  encode(words: readonly string[]): Int32Array {
    return Int32Array.from(words, (word) => this.numberOf(word));
  }

  decode(numbers: ArrayLike<number>): string[] {
    return Array.from(numbers, (id) => this.words[id] ?? UNKNOWN);
  }
}

function byCount([a, countA]: [string, number], [b, countB]: [string, number]): number {
  return countB - countA || (a < b ? -1 : 1);
}

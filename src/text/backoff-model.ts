/**
 * A model in back-off form, as ARPA files have it: a probability for every n-gram that was seen, and for
 * every context the weight of the next shorter one for words that were not seen after it.
 */
import type { LanguageModel } from "./language-model.ts";
import { type NgramLevel, NONE } from "./ngram-level.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface BackoffParts {
  vocabulary: Vocabulary;
  marks: boolean;
  /** By length less 1; the first has all words under their own numbers. */
  levels: readonly NgramLevel[];
  /** By level and n-gram: p(its last word | the words before). 0 for the start of a sentence. */
  probabilities: readonly Float64Array[];
  /** By level, but for the last, and n-gram: the weight of the shorter context after this one. */
  weights: readonly Float64Array[];
}

/**
 * p(w | c) is the probability of the n-gram `c w` where it was seen, else the weight of c times p(w | c
 * without its first word). A context that was not seen weighs 1.
 */
export class BackoffModel implements LanguageModel {
  readonly parts: BackoffParts;
  readonly vocabulary: Vocabulary;
  readonly marks: boolean;
  readonly order: number;
  /** By level: where the children of each n-gram begin, and their numbers. Made when first needed. */
  readonly #children = new Map<number, { starts: Uint32Array; ids: Uint32Array }>();

  constructor(parts: BackoffParts) {
    this.parts = parts;
    this.vocabulary = parts.vocabulary;
    this.marks = parts.marks;
    this.order = parts.levels.length;
  }

  probability(context: ArrayLike<number>, word: number): number {
    const { levels, probabilities, weights } = this.parts;
    let weight = 1;
    for (let start = Math.max(0, context.length - this.order + 1); start < context.length; start++) {
      const id = this.#find(context, start);
      if (id === NONE) continue;
      const length = context.length - start;
      const child = levels[length]!.find(id, word);
      if (child !== NONE) return weight * probabilities[length]![child]!;
      weight *= weights[length - 1]![id]!;
    }
    return weight * probabilities[0]![word]!;
  }

  distribution(context: ArrayLike<number>): Float64Array {
    const { probabilities, weights, levels } = this.parts;
    const p = probabilities[0]!.slice(0, this.vocabulary.size);
    const longest = Math.min(this.order - 1, context.length);
    for (let length = 1; length <= longest; length++) {
      const id = this.#find(context, context.length - length);
      if (id === NONE) continue;
      const weight = weights[length - 1]![id]!;
      for (let word = 0; word < p.length; word++) p[word]! *= weight;
      for (const child of this.childrenOf(length, id))
        p[levels[length]!.words[child]!] = probabilities[length]![child]!;
    }
    return p;
  }

  /**
   * The n-grams of a level (of its length less 1) that are an n-gram of the level before and one more word.
   */
  childrenOf(level: number, parent: number): Uint32Array {
    let table = this.#children.get(level);
    if (table === undefined) {
      table = sortByParent(this.parts.levels[level]!.parents, this.parts.levels[level - 1]!.size);
      this.#children.set(level, table);
    }
    return table.ids.subarray(table.starts[parent]!, table.starts[parent + 1]!);
  }

  #find(context: ArrayLike<number>, start: number): number {
    let id = 0;
    for (let at = start; at < context.length && id !== NONE; at++)
      id = this.parts.levels[at - start]!.find(id, context[at]!);
    return id;
  }
}

/** A counting sort. */
function sortByParent(parents: Uint32Array, count: number): { starts: Uint32Array; ids: Uint32Array } {
  const starts = new Uint32Array(count + 1);
  for (const parent of parents) starts[parent + 1]! += 1;
  for (let parent = 0; parent < count; parent++) starts[parent + 1]! += starts[parent]!;
  const next = starts.slice();
  const ids = new Uint32Array(parents.length);
  for (let id = 0; id < parents.length; id++) ids[next[parents[id]!]!++] = id;
  return { starts, ids };
}

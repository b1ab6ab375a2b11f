/** Models from ARPA files. */
import { AfterimageError } from "../errors.ts";
import { BackoffModel } from "./backoff-model.ts";
import { NgramLevel, NONE } from "./ngram-level.ts";
import { SENTENCE_END, SENTENCE_START, UNKNOWN, Vocabulary } from "./vocabulary.ts";

/** From here down a logarithm stands for that of 0. */
const NEVER = -99;

/** An n-gram of the file: p of its last word, and the weight after it (1 where the file has none). */
interface Entry {
  words: string[];
  p: number;
  weight: number;
}

/**
 * A model from the lines of an ARPA file, or from its whole text. `<unk>` and `</s>` have the probability 0
 * where the file does not have them. Without `<s>` and `</s>` the model is one without marks.
 *
 * @throws AfterimageError `data/format`, with the line, for what is no ARPA file or is cut short.
 */
export function readArpa(source: string | Iterable<string>): BackoffModel {
  const file = new ArpaFile(typeof source === "string" ? source.split("\n") : source);
  const sizes = readSizes(file);
  const singles = [...readSection(file, 1, sizes[0]!)];
  const spelled = new Set(singles.map(({ words }) => words[0]!));
  const vocabulary = new Vocabulary([...spelled].filter((word) => !isMark(word)));
  const marks = spelled.has(SENTENCE_START) && spelled.has(SENTENCE_END);
  const levels = sizes.map(() => new NgramLevel());
  for (let word = 0; word <= vocabulary.size; word++) levels[0]!.add(0, word, 0, 0);
  // A header may promise any number of n-grams: arrays grow with what comes.
  const probabilities = sizes.map((_, k) => new Array<number>(k === 0 ? vocabulary.size + 1 : 0).fill(0));
  const weights = probabilities.map(({ length }) => new Array<number>(length).fill(1));
  for (const k of sizes.keys()) {
    for (const entry of k === 0 ? singles : readSection(file, k + 1, sizes[k]!)) {
      const id = k === 0 ? vocabulary.numberOf(entry.words[0]!) : insert(file, entry, { levels, vocabulary });
      probabilities[k]![id] = entry.p;
      weights[k]![id] = entry.weight;
    }
  }
  file.require("\\end\\");
  probabilities[0]![vocabulary.start] = 0;
  return new BackoffModel({
    ...{ vocabulary, marks, levels },
    probabilities: probabilities.map((p) => Float64Array.from(p)),
    weights: weights.slice(0, -1).map((each) => Float64Array.from(each)),
  });
}

const isMark = (word: string) => word === UNKNOWN || word === SENTENCE_START || word === SENTENCE_END;

/** The file's lines with text, one after another. */
class ArpaFile {
  readonly #lines: Iterator<string>;
  #number = 0;
  #ahead: string | null = null;

  constructor(lines: Iterable<string>) {
    this.#lines = lines[Symbol.iterator]();
  }

  /** The next line without taking it; null at the end of the file. */
  peek(): string | null {
    while (this.#ahead === null) {
      const { done, value } = this.#lines.next();
      if (done) return null;
      this.#number += 1;
      const text = (value as string).trim();
      if (text !== "") this.#ahead = text;
    }
    return this.#ahead;
  }

  take(): string | null {
    const line = this.peek();
    this.#ahead = null;
    return line;
  }

  /** @throws AfterimageError `data/format` where the next line is another one. */
  require(expected: string): void {
    if (this.peek() !== expected) this.fail(`the line ${expected}`);
    this.take();
  }

  /** @throws AfterimageError `data/format` of the next line. */
  fail(expected: string): never {
    const line = this.peek();
    const isCut = line === null;
    throw new AfterimageError("data/format", {
      what: isCut ? "the ARPA file is cut short" : "this is no ARPA file",
      where: isCut ? `after line ${this.#number}` : `line ${this.#number}`,
      expected,
      got: isCut ? "the end of the file" : JSON.stringify(line.slice(0, 60)),
      todo: isCut ? "Copy or write the file again." : "Check that the file is whole and plain text.",
    });
  }
}

/** The header: how many n-grams of each length follow. */
function readSizes(file: ArpaFile): number[] {
  file.require("\\data\\");
  const sizes: number[] = [];
  for (;;) {
    const [, length, size] = /^ngram (\d+)\s*=\s*(\d+)$/.exec(file.peek() ?? "") ?? [];
    if (length === undefined) break;
    if (Number(length) !== sizes.length + 1) file.fail(`ngram ${sizes.length + 1}=…`);
    sizes.push(Number(size));
    file.take();
  }
  if (sizes.length === 0) file.fail("ngram 1=…");
  return sizes;
}

function* readSection(file: ArpaFile, length: number, size: number): Generator<Entry> {
  file.require(`\\${length}-grams:`);
  for (let i = 0; i < size; i++) {
    const entry = parse(file.peek() ?? "", length);
    if (entry === null) file.fail(`n-gram ${i + 1} of ${size} of ${length} words, with its logarithm`);
    file.take();
    yield entry;
  }
}

function parse(line: string, length: number): Entry | null {
  const fields = line.split(/[\t ]+/);
  const [p, weight] = [fields[0]!, fields[length + 1] ?? "0"].map(Number) as [number, number];
  const fits = fields.length === length + 1 || fields.length === length + 2;
  if (!fits || !(p <= 0) || Number.isNaN(weight)) return null;
  return { words: fields.slice(1, length + 1), p: power(p), weight: power(weight) };
}

function power(log10: number): number {
  return log10 <= NEVER ? 0 : 10 ** log10;
}

/** The number of a longer n-gram, which is new to its level. */
function insert(
  file: ArpaFile,
  { words }: Entry,
  { levels, vocabulary }: { levels: readonly NgramLevel[]; vocabulary: Vocabulary },
): number {
  const last = words.length - 1;
  let parent = 0;
  for (let k = 0; k < last && parent !== NONE; k++)
    parent = levels[k]!.find(parent, vocabulary.numberOf(words[k]!));
  if (parent === NONE)
    file.fail(`the n-gram ${JSON.stringify(words.slice(0, last).join(" "))} before a longer one`);
  return levels[last]!.add(parent, vocabulary.numberOf(words[last]!), 0);
}

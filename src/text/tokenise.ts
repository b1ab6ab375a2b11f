/**
 * Sentences, words and characters of a text, by Unicode's rules (UAX #29), which `Intl.Segmenter` follows.
 */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";

export interface TokenOptions {
  /** The language, as in BCP 47: it matters where words are not written apart. Default "en". */
  locale?: string;
  /** Whether letters become lower case. Default false. */
  lowerCase?: boolean;
  /**
   * The longest token, in UTF-16 units: a longer one is no word, and the text probably none. Default 1000.
   */
  longest?: number;
}

/**
 * Sentences, each without white space around it; a line is never more than one.
 *
 * @throws AfterimageError `data/empty` for a text of white space alone.
 */
export function sentencesOf(text: string, { locale = "en" }: Pick<TokenOptions, "locale"> = {}): string[] {
  const segmenter = new Intl.Segmenter(locale, { granularity: "sentence" });
  const lines = text.split(/[\n\r\u2028\u2029]+/);
  const sentences = lines.flatMap((line) => [...piecesOf(line, segmenter)].map((piece) => piece.trim()));
  return nonEmpty(sentences.filter((sentence) => sentence !== ""));
}

/**
 * Words, numbers and signs in their order; white space stands between them and is left out.
 *
 * @throws AfterimageError `data/empty` for a text of white space alone; `data/format` for a token that is
 * longer than `longest`.
 */
export function wordsOf(text: string, options: TokenOptions = {}): string[] {
  const { locale = "en", lowerCase = false, longest = 1000 } = options;
  const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
  const words: string[] = [];
  // White space is a boundary of words, and the segmenter takes far longer over a long string.
  for (const stretch of (lowerCase ? text.toLocaleLowerCase(locale) : text).split(/\s+/u)) {
    if (SIMPLE.test(stretch)) words.push(short(stretch, longest));
    else for (const word of piecesOf(stretch, segmenter, longest)) words.push(short(word, longest));
  }
  return nonEmpty(words);
}

/**
 * Characters as a reader counts them (extended grapheme clusters). Every run of white space is one space.
 *
 * @throws AfterimageError as {@link wordsOf}.
 */
export function charactersOf(text: string, options: TokenOptions = {}): string[] {
  const { locale = "en", lowerCase = false, longest = 1000 } = options;
  const segmenter = new Intl.Segmenter(locale, { granularity: "grapheme" });
  const spaced = nonEmpty([text.trim()].filter((whole) => whole !== ""))[0]!.replaceAll(/\s+/gu, " ");
  const whole = lowerCase ? spaced.toLocaleLowerCase(locale) : spaced;
  return [...piecesOf(whole, segmenter, longest)].map((character) => short(character, longest));
}

/** What is one word by any rule. */
const SIMPLE = /^[A-Za-z]+$/;

/**
 * UTF-16 units that are segmented at a time: the segmenter's time for a piece grows with the whole string.
 */
const WINDOW = 512;
/** Segments at a window's end that what follows may still join: "3" and "." of 3.14. */
const OPEN = 3;

/**
 * The segments of a text. The last ones of a window are the first of the next. A window with no others is
 * doubled, up to a segment that is longer than `longest`.
 */
function* piecesOf(text: string, segmenter: Intl.Segmenter, longest = Number.POSITIVE_INFINITY) {
  let start = 0;
  let size = WINDOW;
  while (start < text.length) {
    const end = Math.min(text.length, start + size);
    const pieces = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment);
    if (end === text.length || pieces.some(({ length }) => length > longest)) return yield* pieces;
    const closed = pieces.slice(0, -OPEN);
    yield* closed;
    for (const { length } of closed) start += length;
    size = closed.length > 0 ? WINDOW : 2 * size;
  }
}

/** @throws AfterimageError `data/format` for a token that is too long to be one. */
function short(token: string, longest: number): string {
  if (token.length <= longest) return token;
  throw new AfterimageError("data/format", {
    what: "a word of the text is too long to be one",
    where: `it begins with ${JSON.stringify(token.slice(0, 20))}`,
    expected: `at most ${longest} characters`,
    got: `at least ${token.length}`,
    todo: `Leave out what is no text, or allow longer words by ${optionName("longest")}.`,
  });
}

function nonEmpty<T>(tokens: T[]): T[] {
  if (tokens.length > 0) return tokens;
  throw new AfterimageError("data/empty", {
    what: "the text is empty",
    expected: "at least one word",
    got: "white space, or nothing",
  });
}

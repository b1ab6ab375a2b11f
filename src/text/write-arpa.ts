/** Models as ARPA files, which SRILM, KenLM and others read. */
import { AfterimageError } from "../errors.ts";
import type { BackoffModel } from "./backoff-model.ts";

/** Written for the logarithm of 0. */
const NEVER = "-99";

/**
 * The file's lines, each without its end. An n-gram of three words has the line
 * `log₁₀ p(w₃ | w₁ w₂)`, tab, `w₁ w₂ w₃`, tab, `log₁₀` of the weight after it, with 10 digits.
 *
 * @throws AfterimageError `export/write` for a word with white space, which the format cannot have.
 */
export function* arpaLines(model: BackoffModel): Generator<string> {
  const { vocabulary, parts } = model;
  requireNoSpaces(vocabulary.words);
  yield "\\data\\";
  for (const [k, { size }] of parts.levels.entries()) yield `ngram ${k + 1}=${size}`;
  for (const k of parts.levels.keys()) {
    yield "";
    yield `\\${k + 1}-grams:`;
    yield* levelLines(model, k);
  }
  yield "";
  yield "\\end\\";
}

/** {@link arpaLines} as one text. */
export function writeArpa(model: BackoffModel): string {
  return `${[...arpaLines(model)].join("\n")}\n`;
}

function* levelLines({ parts, vocabulary, order }: BackoffModel, k: number): Generator<string> {
  const p = parts.probabilities[k]!;
  for (let id = 0; id < p.length; id++) {
    const line = `${log10(p[id]!)}\t${spell(parts, k, id, vocabulary.words)}`;
    yield k === order - 1 ? line : `${line}\t${log10(parts.weights[k]![id]!)}`;
  }
}

function spell(
  { levels }: BackoffModel["parts"],
  level: number,
  id: number,
  words: readonly string[],
): string {
  const spelled: string[] = [];
  for (let k = level, at = id; k >= 0; at = levels[k]!.parents[at]!, k--)
    spelled.push(words[levels[k]!.words[at]!]!);
  return spelled.reverse().join(" ");
}

function log10(value: number): string {
  return value === 0 ? NEVER : `${Number(Math.log10(value).toPrecision(10))}`;
}

function requireNoSpaces(words: readonly string[]): void {
  const spaced = words.find((word) => word === "" || /\s/u.test(word));
  if (spaced === undefined) return;
  throw new AfterimageError("export/write", {
    what: "an ARPA file separates words by spaces, and cannot have a word with a space in it",
    where: JSON.stringify(spaced),
    todo: "Write another sign in its place before counting, such as U+2581 (▁).",
  });
}

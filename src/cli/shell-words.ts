/** Writes commands so that a shell reads them back as they were meant. */
import { visibleLine } from "./visible-text.ts";

const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/**
 * `afterimage evaluate 'my run' --k 20`: words that a shell would split are quoted. Characters that a
 * terminal would not show are written by `printf`, which every shell has: `"$(printf 'two\012lines')"`.
 */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** A path as a command takes it: a path that begins with a hyphen would be taken for a flag. */
export function pathWord(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (visibleLine(word) === word) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `"$(printf '${Array.from(word, printfCharacter).join("")}')"`;
}

function printfCharacter(character: string): string {
  if (character === "%") return "%%";
  const isPlain = visibleLine(character) === character && !/[\\']/.test(character);
  return isPlain ? character : [...Buffer.from(character)].map(octal).join("");
}

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}

/** Flags and their values as words; `undefined` leaves a flag out, `true` gives it no value. */
export function flagWords(flags: Readonly<Record<string, string | number | true | undefined>>): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined) return [];
    return value === true ? [flag] : [flag, `${value}`];
  });
}

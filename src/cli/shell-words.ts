/** Writes commands so that a shell reads them back as they were meant. */

const PLAIN = /^[\w@%+=:,./-]+$/;

/** `afterimage evaluate 'my run' --k 20`: words that a shell would take apart are put in quotes. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}

/** Flags and their values as words; `undefined` leaves a flag out, `true` gives it no value. */
export function flagWords(flags: Readonly<Record<string, string | number | true | undefined>>): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined) return [];
    return value === true ? [flag] : [flag, `${value}`];
  });
}

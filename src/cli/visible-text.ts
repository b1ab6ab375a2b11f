/**
 * Characters that a terminal would act on instead of showing them: control characters, and marks that change
 * the direction of writing. File names can contain any of them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const IN_LINES = /[\t\n]/g;

/**
 * Text of several lines for a terminal: control characters are written as `\x1b`, line ends and tabs stay.
 */
export function visibleText(text: string): string {
  return text.replaceAll(CONTROLS, escaped);
}

/** One line for a terminal: line ends and tabs in it are written as `\x0a` and `\x09` too. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll(IN_LINES, escaped);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}

/**
 * The form in which a message names an option: between backticks, as a program writes it. The library shows
 * this form. The command line puts the flag in its place (`cli/in-flags.ts`), so no message needs to know of
 * flags.
 */

/** A value that a message proposes for an option. */
export type ProposedValue = string | number | boolean;

export interface NamedOption {
  /** `patch`, `settings.temperature`, `settings.cropScale[1]`. */
  name: string;
  /** Absent if only the name is meant. */
  value?: ProposedValue;
}

/** The option `patch` in the form of messages. */
export function optionName(name: string): string {
  return `\`${name}\``;
}

/** Options with proposed values, such as `batchSize: 128, microBatch: 64`, as one piece of a message. */
export function optionValues(values: Readonly<Record<string, ProposedValue>>): string {
  const parts = Object.entries(values).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return optionName(parts.join(", "));
}

const NAME = String.raw`[A-Za-z]\w*(?:\.\w+|\[\d+\])*`;
const VALUE = String.raw`"[^"\`,]*"|[-+.\w]+`;
const OPTION = `${NAME}(?:: (?:${VALUE}))?`;
const NAMED = new RegExp(`\`(${OPTION}(?:, ${OPTION})*)\``, "g");

/** The message with each option rewritten by `write`. Blanks separate several options of one piece. */
export function renameOptions(message: string, write: (option: NamedOption) => string): string {
  return message.replaceAll(NAMED, (_, piece: string) => piece.split(", ").map(parse).map(write).join(" "));
}

function parse(part: string): NamedOption {
  const [name, value] = part.split(": ") as [string, string | undefined];
  return value === undefined ? { name } : { name, value: JSON.parse(value) as ProposedValue };
}

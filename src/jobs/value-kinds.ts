/** What the value of a flag or of a configuration entry may be: how it is read, checked, and refused. */
import { BACKGROUND_NAMES, parseBackground } from "../data/background.ts";
import { AfterimageError } from "../errors.ts";
import { suggestion } from "./nearest-word.ts";

export interface ValueKind<T> {
  /** What stands for the value in the help, as in `--epochs <n>`. */
  readonly placeholder: string;
  /** "a whole number, 1 or more". */
  readonly expected: string;
  readonly choices?: readonly string[];
  /** The value that `text` on the command line stands for, right or wrong. */
  fromText(text: string): unknown;
  accepts(value: unknown): value is T;
}

export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): ValueKind<number> {
  const isWithin = (value: number) => value >= least && value <= most;
  return {
    placeholder: "n",
    expected:
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number, ${least} or more`
        : `a whole number from ${least} to ${most}`,
    fromText: toNumber,
    accepts: (value): value is number => Number.isSafeInteger(value) && isWithin(value as number),
  };
}

/** Bounds of a number; those left out are not there. */
export interface Bounds {
  /** Excluded. */
  above?: number;
  /** Included. */
  least?: number;
  /** Excluded. */
  below?: number;
}

export function numberWithin(bounds: Bounds): ValueKind<number> {
  const { above = Number.NEGATIVE_INFINITY, least = above, below = Number.POSITIVE_INFINITY } = bounds;
  const inside = (value: number) => value > above && value >= least && value < below;
  return {
    placeholder: "x",
    expected: describeBounds(bounds),
    fromText: toNumber,
    accepts: (value): value is number => typeof value === "number" && Number.isFinite(value) && inside(value),
  };
}

function describeBounds({ above, least, below }: Bounds): string {
  const low = above === undefined ? `${least} or more` : `above ${above}`;
  return `a number ${low}${below === undefined ? "" : ` and below ${below}`}`;
}

export function oneOf<T extends string>(placeholder: string, choices: readonly T[]): ValueKind<T> {
  return {
    placeholder,
    expected: `one of ${choices.join(", ")}`,
    choices,
    fromText: (text) => text,
    accepts: (value): value is T => choices.includes(value as T),
  };
}

/** Some of the choices, with commas between them. */
export function someOf<T extends string>(placeholder: string, choices: readonly T[]): ValueKind<T[]> {
  return {
    placeholder,
    expected: `some of ${choices.join(", ")}, with commas between them`,
    choices,
    fromText: (text) => text.split(",").map((part) => part.trim()),
    accepts: (value): value is T[] =>
      Array.isArray(value) && value.length > 0 && value.every((part) => choices.includes(part)),
  };
}

export function text(placeholder: string): ValueKind<string> {
  return {
    placeholder,
    expected: "a text that is not empty",
    fromText: (given) => given,
    accepts: (value): value is string => typeof value === "string" && value !== "",
  };
}

/** What pictures with transparency are laid over. */
export const COLOUR: ValueKind<string> = {
  placeholder: "colour",
  expected: `${Object.keys(BACKGROUND_NAMES).join(", ")}, or a colour as #rrggbb`,
  fromText: (given) => given,
  accepts: (value): value is string => typeof value === "string" && parseBackground(value) !== null,
};

export const YES_OR_NO: ValueKind<boolean> = {
  placeholder: "",
  expected: "true or false",
  fromText: (given) => given,
  accepts: (value): value is boolean => typeof value === "boolean",
};

/** Whether to go on with a run: only where there is one, never, or where there is one. The flag may stand alone. */
export const RESUME: ValueKind<boolean | "auto"> = {
  placeholder: "auto",
  expected: "auto, true or false",
  fromText: (given) => (given === "" ? true : given),
  accepts: (value): value is boolean | "auto" => typeof value === "boolean" || value === "auto",
};

/** An object of keys and values, and no list. */
export const RECORD: ValueKind<Record<string, unknown>> = {
  placeholder: "",
  expected: "an object of keys and values",
  fromText: (given) => given,
  accepts: (value): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Something that only a program can give. */
export function given<T>(expected: string, accepts: (value: unknown) => value is T): ValueKind<T> {
  return { placeholder: "", expected, fromText: (text) => text, accepts };
}

export const FUNCTION = given("a function", (value): value is () => unknown => typeof value === "function");

/**
 * Checks a value; `shown` is how the user wrote it.
 *
 * @throws AfterimageError `usage/value` with the nearest right one where there is a choice.
 */
export function readValue<T>(
  kind: ValueKind<T>,
  value: unknown,
  where: string,
  shown = typeof value === "number" ? `${value}` : JSON.stringify(value),
): T {
  if (kind.accepts(value)) return value;
  const todo = nearestChoice(kind, value);
  throw new AfterimageError("usage/value", {
    what: "this value is not possible",
    where,
    expected: kind.expected,
    got: shown,
    ...(todo === "" ? {} : { todo }),
  });
}

function nearestChoice({ choices = [] }: ValueKind<unknown>, value: unknown): string {
  const wrong = [value].flat().find((part) => !choices.includes(part as string));
  return typeof wrong === "string" ? suggestion(wrong, choices) : "";
}

/** Numbers as people write them; hexadecimal, blanks and nothing are none. */
function toNumber(given: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
}

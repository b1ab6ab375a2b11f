/** The flags of the demo. */

import { parseArgs } from "node:util";
import { AfterimageError, physicalCores } from "afterimage";

export interface DemoOptions {
  /**
   * Minutes of training, including scores of the tasks. The number of epochs follows from the machine's pace.
   */
  minutes: number;
  /** A fixed number of epochs, to repeat a run; null if `minutes` decides. */
  epochs: number | null;
  out: string;
  seed: number;
  threads: number;
}

export const USAGE = `npm run demo -- [--minutes 4.8] [--epochs N] [--out demo/out] [--seed 0] [--threads cores]`;

export const HELP = `${USAGE}

Draws the emoji of three teams of artists, learns from them without labels, and evaluates the encoder.

  --minutes  minutes of training; the number of epochs follows from the machine's pace (default: 4.8)
  --epochs   fixed number of epochs, to repeat a run
  --out      folder for pictures, cache, run and results (default: demo/out)
  --seed     seed of training and of the edited copies (default: 0)
  --threads  threads of the processor (default: all)
  --help     print this help

npm run demo -- --minutes 1
npm run demo -- --epochs 10 --seed 1 --out demo/out-1
`;

/**
 * The flags as options; null for --help.
 *
 * @throws AfterimageError `usage/option` for an unknown flag, `usage/value` for a value out of range.
 */
export function demoOptions(words: readonly string[]): DemoOptions | null {
  const { values } = parseOrExplain(words);
  if (values.help) return null;
  return {
    minutes: number("minutes", values.minutes, POSITIVE) ?? 4.8,
    epochs: number("epochs", values.epochs, COUNT),
    out: values.out ?? "demo/out",
    seed: number("seed", values.seed, WHOLE) ?? 0,
    threads: number("threads", values.threads, COUNT) ?? physicalCores(),
  };
}

function parseOrExplain(words: readonly string[]) {
  const string = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...words],
      options: {
        minutes: string,
        epochs: string,
        out: string,
        seed: string,
        threads: string,
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new AfterimageError(
      "usage/option",
      { what: "the demo has no such option", expected: USAGE, got },
      { cause },
    );
  }
}

interface NumberKind {
  expected: string;
  holds(value: number): boolean;
}

const POSITIVE: NumberKind = {
  expected: "a number above 0",
  holds: (value) => Number.isFinite(value) && value > 0,
};
const COUNT: NumberKind = {
  expected: "a whole number, 1 or more",
  holds: (value) => Number.isSafeInteger(value) && value >= 1,
};
const WHOLE: NumberKind = {
  expected: "a whole number, 0 or more",
  holds: (value) => Number.isSafeInteger(value) && value >= 0,
};

function number(name: string, text: string | undefined, { expected, holds }: NumberKind): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() !== "" && holds(value)) return value;
  throw new AfterimageError("usage/value", {
    what: "a value is out of range",
    where: `--${name}`,
    expected,
    got: JSON.stringify(text),
  });
}

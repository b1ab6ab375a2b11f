/** The demo's few flags. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { AfterimageError } from "../src/errors.ts";

export interface DemoOptions {
  /** Minutes of training to aim at; the number of epochs follows from the machine's pace. */
  minutes: number;
  /** Epochs outright, for repeating a run; null to let `minutes` decide. */
  epochs: number | null;
  out: string;
  seed: number;
  threads: number;
}

export const USAGE = `npm run demo -- [--minutes 4.5] [--epochs N] [--out demo/out] [--seed 0] [--threads cores]`;

/** @throws AfterimageError `usage/value` for an unknown flag or a value that is no number. */
export function demoOptions(words: readonly string[]): DemoOptions {
  const { values } = parseOrExplain(words);
  return {
    minutes: number("minutes", values.minutes) ?? 4.5,
    epochs: number("epochs", values.epochs),
    out: values.out ?? "demo/out",
    seed: number("seed", values.seed) ?? 0,
    threads: number("threads", values.threads) ?? availableParallelism(),
  };
}

function parseOrExplain(words: readonly string[]) {
  const string = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...words],
      options: { minutes: string, epochs: string, out: string, seed: string, threads: string },
    });
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new AfterimageError(
      "usage/option",
      { what: "the demo does not know this", expected: USAGE, got },
      { cause },
    );
  }
}

function number(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new AfterimageError("usage/value", {
    what: "a value is no number",
    where: `--${name}`,
    expected: USAGE,
    got: text,
  });
}

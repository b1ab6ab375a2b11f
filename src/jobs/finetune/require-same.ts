/** What a run that learns from labels is held to when it continues. */
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import type { Choices } from "../../runs/configure/configure.ts";

type Again = "epochs" | "minutes" | "batchSize" | "microBatch" | "seed" | "settings" | "training";

/** The choices that are given again, without those that are not. */
export function givenAgain(options: { [K in Again]?: Choices[K] | undefined }): Pick<Choices, Again> {
  const { epochs, minutes, batchSize, microBatch, seed, settings, training } = options;
  const all = { epochs, minutes, batchSize, microBatch, seed, settings, training };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * @param expected what the two values are, if they say nothing to a user.
 * @throws AfterimageError `train/run-folder` when they differ.
 */
export function requireSame(
  folder: string,
  what: string,
  asked: unknown,
  kept: unknown,
  expected?: string,
): void {
  if (JSON.stringify(asked) === JSON.stringify(kept)) return;
  throw new AfterimageError("train/run-folder", {
    what: "a resumed run keeps what it was started with",
    where: `${folder}, ${what}`,
    expected: expected ?? JSON.stringify(kept),
    ...(expected === undefined && { got: JSON.stringify(asked) }),
    todo: `Give the same again to resume, or start a new run with another ${optionName("out")}.`,
  });
}

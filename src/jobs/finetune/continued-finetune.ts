/** The configuration of a fine-tuning that continues. */
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { type ContinuedConfig, continuedConfig } from "../resume/continued-config.ts";

/**
 * Epochs, minutes and the optimiser's numbers may change, and the machine; everything else must be as it was.
 *
 * @param fresh what the same options would begin now.
 * @throws AfterimageError `train/run-folder` for other pictures, labels, weights or choices.
 */
export function continuedFinetune(
  options: FinetuneOptions,
  before: RunConfig,
  fresh: RunConfig,
  folder: string,
): ContinuedConfig {
  requireSame(folder, "method", fresh.method.name, before.method.name);
  const [own, kept] = [fresh.labels, before.labels];
  requireSame(folder, "run", own?.from?.weights, kept?.from?.weights, "the encoder that the run began with");
  for (const name of ["labels", "validation"] as const)
    if (options[name] !== undefined)
      requireSame(
        folder,
        optionName(name),
        name === "labels" ? own?.amount : own?.validation,
        name === "labels" ? kept?.amount : kept?.validation,
      );
  requireSame(
    folder,
    "pictures",
    fresh.data.fingerprint,
    before.data.fingerprint,
    "the pictures and labels of the run",
  );
  for (const name of ["freeze", "keptHead", "classWeights", "task"] as const)
    requireSame(folder, name, setting(fresh, name), setting(before, name));
  const { epochs, minutes, batchSize, microBatch, seed, settings, training } = options;
  const choices = { ...given({ epochs, minutes, batchSize, microBatch, seed, settings, training }) };
  return continuedConfig(choices, before, fresh.environment ?? before.environment!, folder);
}

function given<T extends object>(choices: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined)) as never;
}

function setting({ method }: RunConfig, name: string): unknown {
  return method.settings[name];
}

function requireSame(folder: string, what: string, asked: unknown, kept: unknown, expected?: string): void {
  if (JSON.stringify(asked) === JSON.stringify(kept)) return;
  throw new AfterimageError("train/run-folder", {
    what: "a resumed run keeps what it was started with",
    where: `${folder}, ${what}`,
    expected: expected ?? JSON.stringify(kept),
    ...(expected === undefined && { got: JSON.stringify(asked) }),
    todo: `Give the same again to resume, or start a new run with another ${optionName("out")}.`,
  });
}

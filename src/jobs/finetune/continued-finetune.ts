/** The configuration of a fine-tuning that continues. */
import { optionName } from "../../options/option-name.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { type ContinuedConfig, continuedConfig } from "../resume/continued-config.ts";
import { givenAgain, requireSame } from "./require-same.ts";

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
  if (options.labels !== undefined) requireSame(folder, optionName("labels"), own?.amount, kept?.amount);
  if (options.validation !== undefined)
    requireSame(folder, optionName("validation"), own?.validation, kept?.validation);
  const pictures = "the pictures and labels of the run";
  requireSame(folder, "pictures", fresh.data.fingerprint, before.data.fingerprint, pictures);
  for (const name of ["freeze", "keptHead", "classWeights", "task"] as const)
    requireSame(folder, name, setting(fresh, name), setting(before, name));
  const epochs = hasEndedEarly(options, before) ? undefined : options.epochs;
  return continuedConfig(
    givenAgain({ ...options, epochs }),
    before,
    fresh.environment ?? before.environment!,
    folder,
  );
}

/**
 * Whether the run ended early, and no more epochs are asked for than then: the same command again does not
 * train on.
 */
function hasEndedEarly(
  { epochs, patience }: FinetuneOptions,
  { history = [], ...before }: RunConfig,
): boolean {
  if (epochs === undefined || patience === undefined || epochs < before.epochs) return false;
  const end = history.findLast(({ because }) => because === "validation");
  const asked = end?.changes.find(({ name }) => name === "epochs")?.from;
  return typeof asked === "number" && epochs <= asked;
}

function setting({ method }: RunConfig, name: string): unknown {
  return method.settings[name];
}

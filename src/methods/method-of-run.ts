/** All methods that a run can have: methods of pre-training, and methods that learn from labels. */
import type { Method } from "../objectives/method.ts";
import { type CompleteMethod, completeMethod } from "./complete-method.ts";
import { findMethod, knownMethods } from "./find-method.ts";
import { fineTuning } from "./fine-tuning.ts";
import { labelDistillation } from "./label-distillation.ts";

/** Methods with commands of their own; pre-training does not offer them. */
const FROM_LABELS: readonly Method[] = [
  fineTuning as unknown as Method,
  labelDistillation as unknown as Method,
];

/** Names of all methods that a run in this process can have. */
export function methodsOfRuns(): string[] {
  return [...knownMethods(), ...FROM_LABELS.map(({ name }) => name)];
}

/**
 * The method of a run by its name, with every default filled in.
 *
 * @throws AfterimageError `usage/value` for an unknown name.
 */
export function methodOfRun(name: string): CompleteMethod {
  const own = FROM_LABELS.find((method) => method.name === name);
  return own === undefined ? findMethod(name) : completeMethod(own);
}

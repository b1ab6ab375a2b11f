/** Finds methods of pre-training by name, in the catalogue and among your own. */
import { AfterimageError } from "../errors.ts";
import type { Method } from "../objectives/method.ts";
import { METHODS } from "./catalogue.ts";
import { type CompleteMethod, completeMethod } from "./complete-method.ts";
import { keepMethod, ownMethod, ownMethodNames } from "./own-methods.ts";

/** Names of the methods that learn from labels. Your own methods cannot have these names. */
export const FINE_TUNING = "fine-tuning";
export const LABEL_DISTILLATION = "label-distillation";

/**
 * Makes a method of your own known by its name in this process, so that its runs can be resumed, evaluated,
 * exported and used for embedding. `pretrain({ method })` does so too. A process that only uses such a run
 * calls this first. The command line needs a module that calls it: `NODE_OPTIONS="--import ./my-method.mjs"`.
 *
 * @throws AfterimageError `usage/value` for the name of a method of the catalogue.
 */
export function addMethod<S extends object>(method: Method<S>): void {
  keepMethod(method as unknown as Method, [
    ...METHODS.map(({ name }) => name),
    FINE_TUNING,
    LABEL_DISTILLATION,
  ]);
}

/** Names of all methods that are known in this process. */
export function knownMethods(): string[] {
  return [...METHODS.map(({ name }) => name), ...ownMethodNames()];
}

/**
 * The method called `name`, of the catalogue or of your own, with every default filled in.
 *
 * @throws AfterimageError `usage/value` for an unknown name.
 */
export function findMethod(name: string): CompleteMethod {
  const method = METHODS.find((candidate) => candidate.name === name) ?? ownMethod(name);
  if (method !== undefined) return completeMethod(method);
  throw new AfterimageError("usage/value", {
    what: "there is no such method",
    expected: `one of ${knownMethods().join(", ")}`,
    got: name,
  });
}

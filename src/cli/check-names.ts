/** Checks the names in a user's choices against the lists, before any picture is read. */
import { knownBackbones } from "../backbones/index.ts";
import { AfterimageError } from "../errors.ts";
import { findMethod, knownMethods } from "../methods/index.ts";
import { suggestion } from "../options/nearest-word.ts";
import type { Choices } from "../runs/configure/configure.ts";
import { trainingConfigSchema } from "../train/run-config.ts";
import { requireKnownKeys } from "./overrides.ts";
import { exampleSituation } from "./situation.ts";

/** @throws AfterimageError `usage/value` or `usage/option` that names the nearest known one. */
export function checkNames({ method = "simclr", backbone, settings = {}, training = {} }: Choices): void {
  requireName("method", method, knownMethods());
  if (backbone !== undefined)
    requireName(
      "backbone",
      backbone,
      knownBackbones().map(({ name }) => name),
    );
  const known = findMethod(method).defaults(exampleSituation(findMethod(method)));
  requireKnownKeys(settings, Object.keys(known), `settings of ${method}`);
  requireKnownKeys(training, Object.keys(trainingConfigSchema.shape), "training settings");
}

function requireName(what: string, given: string, names: readonly string[]): void {
  if (names.includes(given)) return;
  const todo = suggestion(given, names);
  throw new AfterimageError("usage/value", {
    what: `there is no ${what} "${given}"`,
    where: `--${what}`,
    expected: `one of ${names.join(", ")}`,
    ...(todo === "" ? {} : { todo }),
  });
}

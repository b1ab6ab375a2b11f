import { AfterimageError } from "../errors.ts";
import { GIVEN_TEACHER } from "../methods/label-distillation.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";

/**
 * Sets the values of the teacher, which no step changes. States of a run leave them out, so they are set
 * again whenever a run continues.
 *
 * @param teacher the values by the paths of its own network: `backbone.…`, `classifier.…`.
 * @throws AfterimageError `train/network` for a value that is missing or has another length.
 */
export function giveTeacher(trainer: Pick<Trainer, "values">, teacher: Values): void {
  for (const [path, before] of trainer.values) {
    if (!path.startsWith(`${GIVEN_TEACHER}.`)) continue;
    const name = path.slice(GIVEN_TEACHER.length + 1);
    const data = teacher.get(name);
    if (data?.length !== before.length) throw notFitting(name, before.length, data?.length);
    trainer.values.set(path, data.slice());
  }
}

function notFitting(where: string, expected: number, got: number | undefined): AfterimageError {
  return new AfterimageError("train/network", {
    what: "the teacher does not fit the configuration of the run",
    where,
    expected: `${expected} numbers`,
    got: `${got ?? "none"}`,
  });
}

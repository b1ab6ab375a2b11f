/** The first values of a fine-tuning: those of a trained encoder, and of the kept layers of its head. */
import { AfterimageError } from "../errors.ts";
import { TEACHER } from "../train/graph-names.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";

/** What a fine-tuning begins with. */
export interface StartingNetwork {
  /** The encoder's values by bare name. */
  encoder: Values;
  /** Values of the kept layers of the projection head, by their paths: `head.0.linear.weight`. */
  head: Values;
}

/**
 * Puts the network's values, and those of its average, in the place of the trainer's random ones.
 *
 * @throws AfterimageError `train/network` for a value that is missing or has another length.
 */
export function beginFrom(trainer: Pick<Trainer, "values">, { encoder, head }: StartingNetwork): void {
  const given = new Map([...encoder].map(([name, data]) => [`backbone.${name}`, data]));
  for (const [path, data] of [...given, ...head]) setBoth(trainer.values, path, data);
  const left = [...trainer.values.keys()].filter(
    (path) => /^(?:backbone|head)\./.test(path) && !given.has(path) && !head.has(path),
  );
  if (left.length > 0) throw notFitting(left[0] as string, "a value of the pre-trained network", "none");
}

/** Sets a value of the network and the same in its average. */
export function setBoth(values: Values, path: string, data: Float32Array): void {
  for (const place of [path, `${TEACHER}.${path}`]) {
    const before = values.get(place);
    if (before?.length !== data.length)
      throw notFitting(place, `${before?.length ?? "no"} numbers`, `${data.length}`);
    values.set(place, data.slice());
  }
}

function notFitting(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("train/network", {
    what: "the pre-trained network does not fit the network that is fine-tuned",
    where,
    expected,
    got,
  });
}

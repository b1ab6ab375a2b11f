/** Divides pictures, of which some have labels, for a student that learns from a teacher. */
import { validationSplit } from "../data/validation-split.ts";
import { type DivideOptions, VALIDATION_SHARE } from "./divide-labelled.ts";
import { takeLabels } from "./label-amount.ts";
import { answerStrata } from "./strata.ts";

export interface StudentDivision {
  /** Places of the pictures that train, with or without a label, ascending. */
  training: Int32Array;
  /** Those of them whose labels may be learned. */
  taught: Int32Array;
  /** Labelled pictures that never train; empty if there are none. */
  validation: Int32Array;
  /** The labelled pictures of the data set's own test part; empty if it has none. */
  test: Int32Array;
  /** The number of pictures that are left out, because they are near-copies of held-out ones. */
  copies: number;
}

export interface DivideForStudentOptions extends DivideOptions {
  /** Places of the pictures that have a label. */
  labelled: Int32Array;
}

/**
 * Divides pictures as {@link divideLabelled} divides the labelled ones: with the same names, labels, share
 * and seed, the same pictures are held out. All others train. In a drawn division none of them is a near-copy
 * of a picture that is held out.
 *
 * @param options `answers` and `names` of all pictures; `own` has the places of all pictures of each part.
 * @throws AfterimageError those of `takeLabels` for an amount of labels, `usage/value` for another share.
 */
export function divideForStudent(options: DivideForStudentOptions): StudentDivision {
  const { own, names, labels, labelled, task, answers, seed } = options;
  const hasLabel = new Set(labelled);
  const some = (places: Int32Array | null | undefined) =>
    (places ?? new Int32Array(0)).filter((place) => hasLabel.has(place));
  const whole = own?.training ?? Int32Array.from({ length: names.length }, (_, place) => place);
  const given = some(own?.validation);
  const validation = given.length > 0 ? given : heldOut(options, some(whole));
  const { training, copies } = without(whole, validation, given.length > 0 ? undefined : options.groups);
  const known = some(training);
  const taught =
    labels === undefined || known.length === 0
      ? known
      : takeLabels({ task, answers, training: known, amount: labels, seed, names });
  return { training, taught, validation, test: some(own?.test), copies };
}

function heldOut(
  { answers, names, share = VALIDATION_SHARE, seed, groups }: DivideForStudentOptions,
  labelled: Int32Array,
): Int32Array {
  if (labelled.length === 0) return labelled;
  return validationSplit(answerStrata(answers, labelled), { share, seed, groups, names }).validation;
}

/** The other pictures, without those that are in a group with one that is held out. */
function without(
  whole: Int32Array,
  held: Int32Array,
  groups: ArrayLike<number> | undefined,
): Pick<StudentDivision, "training" | "copies"> {
  const taken = new Set(held);
  const others = whole.filter((place) => !taken.has(place));
  if (groups === undefined) return { training: others, copies: 0 };
  const near = new Set(Array.from(held, (place) => groups[place] as number));
  const training = others.filter((place) => !near.has(groups[place] as number));
  return { training, copies: others.length - training.length };
}

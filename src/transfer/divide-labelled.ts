/** Divides labelled pictures into those that train, those that validate, and those that test. */
import { validationSplit } from "../data/validation-split.ts";
import { AfterimageError } from "../errors.ts";
import { type LabelAmount, takeLabels } from "./label-amount.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import { answerStrata, countLabels } from "./strata.ts";

/** Places of pictures, ascending; no picture is in two parts. */
export interface LabelledDivision {
  training: Int32Array;
  /** Never trained: chooses the epoch, and fits the temperature. */
  validation: Int32Array;
  /** The data set's own test part; empty if it has none, and then results are those on `validation`. */
  test: Int32Array;
}

/** The parts that a data set comes in. */
export interface OwnParts {
  training: Int32Array;
  /** Null if the data set has no such part. */
  validation: Int32Array | null;
  test: Int32Array | null;
}

export interface DivideOptions {
  task: LabelTask;
  answers: Answers;
  /** The name of each picture: the division depends on names, and not on the order of the pictures. */
  names: readonly string[];
  own: OwnParts | null;
  /** How many of the training pictures keep their labels; all by default. */
  labels?: LabelAmount | undefined;
  /** The share of the training pictures that is held out if there is no validation part. Default .2. */
  share?: number | undefined;
  seed: number;
  /** Near-copies, as `linkedGroups` gives them: those of a group stay on one side of a drawn division. */
  groups?: ArrayLike<number> | undefined;
}

export const VALIDATION_SHARE = 0.2;

/**
 * Divides labelled pictures. A data set's own parts are kept as they are. Without a validation part, a share
 * of the training pictures is drawn, stratified by the answers ({@link answerStrata}) and free of near-copies
 * of those that stay. Few labels are taken from what then trains, so validation and test are the same for any
 * amount of labels.
 *
 * @throws AfterimageError `data/targets` when nothing can be held out, when a class has no training picture,
 * and for too few pictures for an amount of labels; `usage/value` for a share out of range.
 */
export function divideLabelled(options: DivideOptions): LabelledDivision {
  const { answers, labels, own, seed, names } = options;
  const whole = own?.training ?? Int32Array.from({ length: names.length }, (_, place) => place);
  const { training, validation } =
    own?.validation != null ? { training: whole, validation: own.validation } : holdOut(options, whole);
  const test = own?.test ?? new Int32Array(0);
  requireTaught(options, { training, validation: own?.validation ?? null, test: own?.test ?? null });
  if (labels === undefined) return { training, validation, test };
  const { task } = options;
  return { training: takeLabels({ task, answers, training, amount: labels, seed, names }), validation, test };
}

function holdOut(
  { answers, share = VALIDATION_SHARE, seed, groups, names }: DivideOptions,
  whole: Int32Array,
) {
  const strata = answerStrata(answers, whole);
  const split = validationSplit(strata, { share, seed, groups, names });
  if (split.validation.length > 0) return split;
  throw new AfterimageError("data/targets", {
    what: "no picture can be held out for validation",
    expected: "a class with two pictures or more that are not near-copies of each other",
    got: `no such class among ${whole.length} pictures`,
    todo: "Add pictures, or give them in folders train and val.",
  });
}

/**
 * Nothing can be learned of a class that only other parts of the data set have. A division that is drawn
 * leaves some pictures of every class in training. Numbers are not checked: any can be predicted.
 */
function requireTaught(
  { task, answers, names }: DivideOptions,
  { training, validation, test }: OwnParts,
): void {
  if (answers.kind === "numbers") return;
  const taught = outputCounts(answers, training, task.names.length);
  for (const [part, places] of Object.entries({ validation, test })) {
    const first = places?.find((place) =>
      taught.some((count, k) => count === 0 && hasOutput(answers, place, k)),
    );
    if (first === undefined) continue;
    const output = taught.findIndex((count, k) => count === 0 && hasOutput(answers, first, k));
    const what = answers.kind === "classes" ? "class" : "label";
    throw new AfterimageError("data/targets", {
      what: `the ${part} part has a ${what} that no training picture has`,
      where: `${what} ${task.names[output]}, for example ${names[first]}`,
      expected: "training pictures of every class that is tested",
      todo: "Add training pictures of it, or take its pictures out of that part.",
    });
  }
}

/** How many of the pictures have each class or label. */
export function outputCounts(
  answers: Exclude<Answers, { kind: "numbers" }>,
  places: Int32Array,
  outputs: number,
): number[] {
  if (answers.kind === "several") return countLabels(answers.rows, places);
  const counts = new Array<number>(outputs).fill(0);
  for (const place of places) counts[answers.classes[place]!]!++;
  return counts;
}

function hasOutput(answers: Answers, place: number, output: number): boolean {
  if (answers.kind === "classes") return answers.classes[place] === output;
  return answers.rows.data[place * answers.rows.cols + output] !== 0;
}

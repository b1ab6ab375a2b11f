/** Few labels: how many of the training pictures keep theirs. */
import { byChance, chanceOf, classesByChance } from "../data/by-chance.ts";
import { type LabelSubsetSize, labelSubset } from "../data/label-subset.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { optionName, optionValues } from "../options/option-name.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import { answerStrata, onlyAt } from "./strata.ts";

/** A share above 0 and up to 1, or a number of pictures of each class or label from 1. */
export type LabelAmount = LabelSubsetSize;

/**
 * Reads an amount of labels: `1%`, `0.5%`, `20-per-class`.
 *
 * @throws AfterimageError `usage/value` for anything else, a share of 0 or above 100 %.
 */
export function parseLabelAmount(text: string): LabelAmount {
  const share = /^(\d+\.?\d*|\.\d+) ?%$/.exec(text.trim())?.[1];
  if (share !== undefined && Number(share) > 0 && Number(share) <= 100) return { share: Number(share) / 100 };
  const perClass = /^(\d+)[- ]per[- ]class$/.exec(text.trim())?.[1];
  if (perClass !== undefined && Number(perClass) > 0 && Number.isSafeInteger(Number(perClass)))
    return { perClass: Number(perClass) };
  throw new AfterimageError("usage/value", {
    what: `${optionName("labels")} is no amount of labels`,
    expected:
      "a share above 0% and up to 100%, such as 1% or 10%, or a number for each class, such as 20-per-class",
    got: `"${text}"`,
  });
}

export interface LabelledSubset {
  task: LabelTask;
  answers: Answers;
  /** Places of the training pictures. */
  training: Int32Array;
  amount: LabelAmount;
  seed: number;
  /** The name of each picture. */
  names: readonly string[];
}

/**
 * The training pictures that keep their labels, ascending. Subsets of one seed are nested: the 1 % lies in
 * the 10 %. They depend on the seed and on names and answers of the training pictures, and not on their
 * order.
 *
 * - `classes`: a share of every class or a number of each, as {@link labelSubset} draws them.
 * - `several`: a share of the pictures, spread over the labels by the rarest label of each picture; or the
 *   first pictures of each label in a random order, so that each label has that many at least.
 * - `numbers`: a share of the pictures, spread over tenths of the range by rank.
 *
 * @throws AfterimageError `data/targets` for a class or label with fewer pictures, or a share of which
 * nothing is left; `usage/value` for a number per class where there are none.
 */
export function takeLabels(subset: LabelledSubset): Int32Array {
  const { task, answers, training, amount, seed, names } = subset;
  if (answers.kind === "classes") {
    const labels = onlyAt(answers.classes, training);
    return labelSubset(labels, { ...amount, seed, names, classNames: task.names });
  }
  if ("share" in amount) return takeShare(subset, amount.share);
  if (answers.kind === "numbers") throw noClasses();
  return takeOfEachLabel(subset, answers.rows, amount.perClass);
}

/**
 * A prefix of one order for every share: each picture's rank within its stratum, as a share of the stratum.
 */
function takeShare({ answers, training, seed, names }: LabelledSubset, share: number): Int32Array {
  const count = Math.round(share * training.length);
  if (count === 0) throw nothingLeft(share, training.length);
  const chance = { seed, names, stream: STREAM };
  const order = new Map<number, number>();
  for (const own of classesByChance(answerStrata(answers, training), chance).values()) {
    for (const [rank, place] of own.entries())
      order.set(place, (rank + chanceOf(chance)(place)) / own.length);
  }
  const sorted = [...order.keys()].sort((a, b) => order.get(a)! - order.get(b)! || a - b);
  return Int32Array.from(sorted.slice(0, count)).sort();
}

function takeOfEachLabel({ task, training, seed, names }: LabelledSubset, rows: Matrix, count: number) {
  const taken = new Set<number>();
  const order = byChance([...training], { seed, names, stream: STREAM });
  for (const [label, name] of task.names.entries()) {
    const own = order.filter((place) => rows.data[place * rows.cols + label] !== 0);
    if (own.length < count) throw tooFew(name, count, own.length);
    for (const place of own.slice(0, count)) taken.add(place);
  }
  return Int32Array.from(taken).sort();
}

const STREAM = "take-labels";

function nothingLeft(share: number, pictures: number): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "this share of the labels is less than half a picture",
    where: `${pictures} training pictures`,
    expected: "a share of one picture or more",
    got: `${share * 100}%`,
  });
}

function tooFew(label: string, expected: number, got: number): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "a label has too few training pictures for this amount of labels",
    where: `label ${label}`,
    expected: `${expected} pictures`,
    got: `${got}`,
    todo: "Draw fewer of each, or a share of the pictures.",
  });
}

function noClasses(): AfterimageError {
  return new AfterimageError("usage/value", {
    what: `${optionName("labels")} cannot be a number for each class, because the labels are numbers`,
    expected: `a share of the pictures, such as ${optionValues({ labels: "10%" })}`,
  });
}

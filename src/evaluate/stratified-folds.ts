/** A seeded division of labelled rows into parts, each of which is the test set once. */
import { randomStream } from "../random/random-stream.ts";
import { requireCount } from "./checks.ts";

export interface FoldsOptions {
  folds: number;
  seed: number;
  /** Names the random stream, so that two divisions with one seed do not depend on each other. */
  stream: string;
}

/**
 * The fold of each row, 0 … folds - 1; -1 for the only row of a class, about which nothing could be learned.
 * The rows of a class are dealt out in a random order, one class after another, so that any two folds differ
 * by at most one row in each class and in total. Depends on labels and options only.
 *
 * @throws AfterimageError `usage/value` for fewer than two folds.
 */
export function stratifiedFolds(
  labels: ArrayLike<number>,
  { folds, seed, stream }: FoldsOptions,
): Int32Array {
  requireCount("the number of folds", folds, 2);
  const members = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const own = members.get(labels[row]!);
    if (own === undefined) members.set(labels[row]!, [row]);
    else own.push(row);
  }
  const foldOf = new Int32Array(labels.length).fill(-1);
  let next = 0;
  for (const [label, own] of members) {
    if (own.length === 1) continue;
    for (const place of randomStream(seed, stream, 0, label).permutation(own.length)) {
      foldOf[own[place]!] = next++ % folds;
    }
  }
  return foldOf;
}

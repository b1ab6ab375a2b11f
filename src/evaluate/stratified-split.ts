/** A seeded division of labelled rows with the same share of every class. */
import { AfterimageError } from "../errors.ts";
import { randomStream } from "../random/random-stream.ts";

/** Indices of the rows in each part, ascending. */
export interface Split {
  kept: Int32Array;
  held: Int32Array;
}

export interface SplitOptions {
  /** The share of each class that is held out, between 0 and 1. */
  share: number;
  seed: number;
  /** Names the random stream, so that two divisions with one seed do not depend on each other. */
  stream: string;
}

/**
 * Holds out a share of every class, rounded: at least one row of each class that has two, and never all rows
 * of a class. Depends on labels and options only.
 *
 * @throws AfterimageError `usage/value` for a share that is not between 0 and 1.
 */
export function stratifiedSplit(labels: ArrayLike<number>, { share, seed, stream }: SplitOptions): Split {
  if (!(share > 0 && share < 1)) {
    throw new AfterimageError("usage/value", {
      what: "the share to hold out is out of range",
      expected: "a number above 0 and below 1",
      got: String(share),
    });
  }
  const members = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const own = members.get(labels[row]!);
    if (own === undefined) members.set(labels[row]!, [row]);
    else own.push(row);
  }
  const isHeld = new Uint8Array(labels.length);
  for (const [label, own] of members) {
    const count = Math.min(own.length - 1, Math.max(1, Math.round(own.length * share)));
    const order = randomStream(seed, stream, 0, label).permutation(own.length);
    for (const place of order.subarray(0, count)) isHeld[own[place]!] = 1;
  }
  const rows = Int32Array.from(isHeld.keys());
  return { kept: rows.filter((row) => isHeld[row] === 0), held: rows.filter((row) => isHeld[row] === 1) };
}

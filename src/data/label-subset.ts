/** Few labels: a part of a labelled data set, with a share or a number of every class. */
import { AfterimageError } from "../errors.ts";
import { classesByChance } from "./by-chance.ts";

/** How much of each class is drawn: a share above 0 and up to 1, or a number of pictures from 1. */
export type LabelSubsetSize = { share: number } | { perClass: number };

export type LabelSubsetOptions = LabelSubsetSize & {
  seed: number;
  /**
   * A name for each picture. With names the subset depends on them, and not on the order of the pictures.
   */
  names?: readonly string[] | undefined;
  /** Names of the classes, for errors. */
  classNames?: readonly string[] | undefined;
};

/**
 * The places of the drawn pictures, ascending. Of a class with n pictures `share` draws share · n, rounded,
 * and `perClass` its number. Subsets of one seed are nested: the 1 % lies in the 10 %, and 5 per class in 6.
 * They depend on the seed, on the places or names of the pictures, and on which are of one class; renaming
 * the classes changes nothing.
 *
 * @param labels the class of each picture; a negative number for a picture without a label, which is never
 * drawn.
 * @throws AfterimageError `usage/value` for a size out of range, `data/targets` when no picture has a label,
 * when a class has fewer pictures than `perClass`, or when its share rounds to none.
 */
export function labelSubset(labels: ArrayLike<number>, options: LabelSubsetOptions): Int32Array {
  requireSize(options);
  const { seed, names } = options;
  const classes = classesByChance(labels, { seed, names, stream: "label-subset" });
  if (classes.size === 0) throw nothingLabelled();
  const drawn = [...classes].flatMap(([label, order]) =>
    order.slice(0, countOf(options, label, order.length)),
  );
  return Int32Array.from(drawn).sort();
}

function countOf(size: LabelSubsetOptions, label: number, members: number): number {
  const count = "share" in size ? Math.round(size.share * members) : size.perClass;
  if (count >= 1 && count <= members) return count;
  throw new AfterimageError("data/targets", {
    what: "a class has too few pictures for this subset of the labels",
    where: `class ${size.classNames?.[label] ?? label}`,
    expected: "share" in size ? `a share that is at least half a picture of ${members}` : `${count} pictures`,
    got: "share" in size ? `${size.share}` : `${members}`,
    todo: "Draw more or fewer, draw a number from each class, or leave the class out.",
  });
}

function requireSize(size: LabelSubsetSize): void {
  const isShare = "share" in size;
  const value = isShare ? size.share : size.perClass;
  if (isShare ? value > 0 && value <= 1 : Number.isSafeInteger(value) && value >= 1) return;
  throw new AfterimageError("usage/value", {
    what: "the size of a subset of the labels is out of range",
    expected: isShare ? "a share above 0, 1 or less" : "a whole number of pictures per class, 1 or more",
    got: String(value),
  });
}

function nothingLabelled(): AfterimageError {
  return new AfterimageError("data/targets", {
    what: "there are no labels to draw from",
    expected: "at least one picture with a label",
    got: "none",
  });
}

/** Divides pictures into those that teach and those that are tested. */
import { stratifiedFolds } from "../../evaluate/stratified-folds.ts";
import { type Split, stratifiedSplit } from "../../evaluate/stratified-split.ts";

export type Division =
  /** The data set's own splits, with their names. */
  | { kind: "splits"; split: Split; train: string; test: string }
  | { kind: "held-out"; split: Split; testShare: number }
  /** `foldOf` is -1 for the only picture of a class, which is not tested. */
  | { kind: "cross-validation"; foldOf: Int32Array; tested: Int32Array };

export const FOLDS = 5;
export const TEST_SHARE = 0.2;
/** If there are fewer test pictures than this, every picture is tested instead. */
export const FEW_TESTED = 1000;

/**
 * A given test share is held out. Without one, {@link TEST_SHARE} is held out if that is {@link FEW_TESTED}
 * pictures or more. With fewer, the accuracy would depend on which pictures are drawn, so every picture is
 * tested instead.
 */
export function dividePictures(labels: Int32Array, testShare: number | undefined, seed: number): Division {
  const share = testShare ?? TEST_SHARE;
  const split = stratifiedSplit(labels, { share, seed, stream: "evaluate/split" });
  if (testShare !== undefined || split.held.length >= FEW_TESTED)
    return { kind: "held-out", split, testShare: share };
  const foldOf = stratifiedFolds(labels, { folds: FOLDS, seed, stream: "evaluate/folds" });
  return { kind: "cross-validation", foldOf, tested: rowsWhere(foldOf, (fold) => fold !== -1) };
}

/** The first `trained` of `size` pictures teach, and the rest are tested. */
export function divideByParts(
  size: number,
  { train, test, trained }: { train: string; test: string; trained: number },
): Division {
  const rows = Int32Array.from({ length: size }, (_, row) => row);
  return { kind: "splits", split: { kept: rows.slice(0, trained), held: rows.slice(trained) }, train, test };
}

/** The tested rows, ascending. */
export function testedRows(division: Division): Int32Array {
  return partsOf(division).held;
}

/** The rows that teach and those that are tested. In cross-validation all others teach for each picture. */
export function partsOf(division: Division): Split {
  if (division.kind !== "cross-validation") return division.split;
  const { foldOf, tested } = division;
  return { kept: Int32Array.from(foldOf.keys()), held: tested };
}

/** One division into a training and a test part for each fold; a single one if a part is held out. */
export function splitsOf(division: Division): Split[] {
  if (division.kind !== "cross-validation") return [division.split];
  const { foldOf } = division;
  return Array.from({ length: FOLDS }, (_, fold) => ({
    kept: rowsWhere(foldOf, (own) => own !== fold),
    held: rowsWhere(foldOf, (own) => own === fold),
  })).filter(({ held }) => held.length > 0);
}

function rowsWhere(foldOf: Int32Array, wanted: (fold: number) => boolean): Int32Array {
  return Int32Array.from(foldOf.keys()).filter((row) => wanted(foldOf[row]!));
}

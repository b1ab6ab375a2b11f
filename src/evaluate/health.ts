/** The health of an embedding during training: whether it still distinguishes pictures. */

import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { requireFeatures } from "./checks.ts";
import { hasFallen, standsAt, staysAbove } from "./loss-curve.ts";
import { rankMe } from "./rank-me.ts";

/**
 * The share of the ideal deviation below which features are almost equal: a mean cosine above 0.9996.
 * Untrained networks stay above it: emoji at 32 pixels give 0.08 through ResNet-18, 0.03 through ResNet-50,
 * 0.4 through ViT tiny.
 */
export const LEAST_DEVIATION = 0.02;
/** Effective rank below which features lie along one direction. The same untrained networks have 12 to 21. */
export const LEAST_RANK = 2;
/**
 * The same limit in cases of doubt: in the first epochs, when a network may still be near its start, and
 * while the rank rises. SimMIM on few pictures begins at 2.7 and passes through 1.75, 1.78 and 4.2 on its way
 * to 15.
 */
const LEAST_RANK_IN_DOUBT = 1.2;
/** The last of these first epochs. */
const LAST_EPOCH_IN_DOUBT = 2;
/** The rank counts as rising if it is this many times the rank before. */
const RISE = 1.1;
/** In its first epoch a loss may pass through any value. */
const FIRST_EPOCH_OF_PLATEAU = 2;
/** Warm-up and frozen layers keep a loss up for some epochs. */
const FIRST_EPOCH_OF_FALL = 4;

export interface Health {
  /**
   * Mean over dimensions of the standard deviation of the L2-normalised features (the sample's, with N - 1):
   * 0 if all pictures have the same features. Source: Chen and He 2021 (SimSiam, arXiv 2011.10566), figure 2.
   */
  deviation: number;
  /** 1/√D, the deviation of features spread evenly over the sphere. */
  idealDeviation: number;
  /** Effective rank; see {@link rankMe}. */
  rankMe: number;
  /** The highest possible `rankMe`: min(rows used, D). */
  rankLimit: number;
  /** The number of rows used for `rankMe`. */
  rankRows: number;
  /** Mean cosine similarity of two different rows, in [-1, 1]: 1 if all pictures have the same features. */
  meanCosine: number;
}

/**
 * Measures features `[N, D]`, N at least 2. Takes about 0.1 s for 4,000 × 256.
 *
 * @throws AfterimageError `evaluate/shape` for fewer than two rows, `evaluate/not-finite` for NaN or
 * infinity.
 */
export function health(features: Matrix): Health {
  requireFeatures("the features", features);
  if (features.rows < 2) {
    throw new AfterimageError("evaluate/shape", {
      what: "the spread of features cannot be measured on one picture",
      expected: "features of at least two pictures",
      got: "1",
    });
  }
  const rank = rankMe(features);
  return {
    ...spread(features),
    idealDeviation: 1 / Math.sqrt(features.cols),
    rankMe: rank.rankMe,
    rankLimit: rank.limit,
    rankRows: rank.rows,
  };
}

function spread({ rows, cols, data }: Matrix): Pick<Health, "deviation" | "meanCosine"> {
  const sums = new Float64Array(cols);
  const squares = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) {
    let norm = 0;
    for (let col = 0; col < cols; col++) norm += data[start + col]! ** 2;
    // In double precision no float32 squares to 0 or infinity: a row has a direction unless it is 0.
    const scale = norm === 0 ? 0 : 1 / Math.sqrt(norm);
    for (let col = 0; col < cols; col++) {
      const value = data[start + col]! * scale;
      sums[col]! += value;
      squares[col]! += value * value;
    }
  }
  let [deviation, sumSquared, ownSquared] = [0, 0, 0];
  for (let col = 0; col < cols; col++) {
    const [sum, square] = [sums[col]!, squares[col]!];
    deviation += Math.sqrt(Math.max(0, square - (sum * sum) / rows) / (rows - 1)) / cols;
    sumSquared += sum * sum;
    ownSquared += square;
  }
  // |Σz|² is the sum of all cosines, including those of rows with themselves.
  return { deviation, meanCosine: (sumSquared - ownSquared) / (rows * (rows - 1)) };
}

/** What can be wrong with a run: its features or embeddings, or only its loss. */
export type Trouble = "collapsed-features" | "loss-at-collapse" | "loss-not-falling";

export interface CollapseEvidence {
  /** Mean loss of the epoch. */
  loss: number;
  /**
   * Mean losses of all whole epochs so far, oldest first. `loss` is the last of them, unless its epoch is not
   * whole. Without them the loss curve is not judged.
   */
  losses?: readonly number[];
  /**
   * The first epochs to ignore: the memory bank or queue is still random, or a layer is frozen. Default 0.
   */
  unsettled?: number;
  /** The loss if every picture gets the same output: ln K, ln(2B - 1), …; null if it is unknown. */
  lossAtCollapse: number | null;
  health: Pick<Health, "deviation" | "idealDeviation" | "rankMe">;
  /** The rank at the previous measurement in this run. */
  rankBefore?: number | undefined;
  /**
   * Metrics of how much the compared embeddings vary, each with the value below which they have collapsed.
   */
  embeddings?: readonly { metric: string; value: number; least: number }[];
  /** Epochs done, from 1. */
  epoch: number;
  /**
   * What to change, as a clause without a full stop, if the method has better advice than {@link
   * TROUBLE_ADVICE}.
   */
  advice?: Partial<Record<Trouble, string>>;
}

/** What to change, if the method gives no advice of its own. */
export const TROUBLE_ADVICE: Readonly<Record<Trouble, string>> = {
  "collapsed-features":
    "Lower the learning rate or lengthen its warm-up. If there is a teacher, lower its temperature " +
    "(sharper targets) or raise its momentum. If there are negatives, use a larger batch",
  "loss-at-collapse":
    "Set the temperatures to the method's defaults. If there is a teacher, lower its temperature " +
    "(sharper targets). If this does not help, lower the learning rate or lengthen its warm-up",
  "loss-not-falling":
    "Check the learning rate: near 0 nothing is learned, and if it is too high the loss jumps up and down. " +
    "Check that the temperatures are near the method's defaults",
};

/**
 * A plain sentence about what looks wrong in training and what to change; null if nothing does. Features are
 * judged before the loss. The first of these that holds is reported:
 *
 * - `collapsed-features`: the deviation is below 0.02 of the ideal, or the effective rank below 2 (in the
 *   first two epochs, and while it rises by a tenth or more, below 1.2). From the second epoch also: the
 *   embeddings vary less than the least that the method gives, because a head may make all embeddings equal
 *   while the encoder still distinguishes pictures. Only this is called collapse.
 * - `loss-at-collapse`: from the second epoch, the loss of the last two epochs is within a thousandth of its
 *   value for equal outputs. An example is the 8.3178 = ln 4096 that users of DINO report for days on end
 *   (facebookresearch/dino issues 43 and 273). If features differ, this is no collapse: SimCLR at temperature
 *   100 learns slowly, at ln(2B - 1).
 * - `loss-not-falling`: from the fourth epoch, if `losses` are given: the loss has not fallen since its first
 *   epoch, or has never been below its value at collapse and is not falling towards it. The second applies
 *   only to values above 0. A loss whose value at collapse is its minimum (0, or -1 for a cosine) is always
 *   above it.
 */
export function collapseWarning(evidence: CollapseEvidence): string | null {
  const found = findTrouble(evidence);
  if (found === null) return null;
  const { epoch, advice } = evidence;
  const epochs = epoch === 1 ? "1 epoch" : `${epoch} epochs`;
  return `After ${epochs} ${found.finding}. ${advice?.[found.trouble] ?? TROUBLE_ADVICE[found.trouble]}.`;
}

interface Finding {
  trouble: Trouble;
  /** What was seen, as a clause that follows "After 3 epochs". */
  finding: string;
}

function findTrouble(evidence: CollapseEvidence): Finding | null {
  const { loss, lossAtCollapse } = evidence;
  const features = collapsedFeatures(evidence) ?? collapsedEmbeddings(evidence);
  const stands = standsAtCollapse(evidence);
  const same = lossAtCollapse === null ? "" : "its value when every picture gets the same output";
  if (features !== null) {
    const also = stands ? `, and the loss is ${loss.toFixed(4)}, ${same} (${written(lossAtCollapse!)})` : "";
    return { trouble: "collapsed-features", finding: `${features}${also}: this is collapse` };
  }
  if (stands) {
    const finding =
      `the loss stays at ${loss.toFixed(4)}, ${same} (${written(lossAtCollapse!)}). ` +
      "The features still differ, so the encoder has not collapsed, but it learns little from such a loss";
    return { trouble: "loss-at-collapse", finding };
  }
  const curve = notFalling(evidence);
  return curve === null ? null : { trouble: "loss-not-falling", finding: curve };
}

function collapsedFeatures({ health, rankBefore, epoch }: CollapseEvidence): string | null {
  const { deviation, idealDeviation, rankMe: rank } = health;
  const isRising = rankBefore !== undefined && rank >= RISE * rankBefore;
  const isInDoubt = isRising || epoch <= LAST_EPOCH_IN_DOUBT;
  if (epoch > 1 && deviation < LEAST_DEVIATION * idealDeviation) {
    const [seen, ideal] = [deviation.toPrecision(2), idealDeviation.toPrecision(2)];
    return `the features are almost equal for all pictures (deviation ${seen}, ideally ${ideal})`;
  }
  if (rank >= (isInDoubt ? LEAST_RANK_IN_DOUBT : LEAST_RANK)) return null;
  return `the features vary along one direction (effective rank ${rank.toFixed(2)})`;
}

function collapsedEmbeddings({ embeddings = [], epoch }: CollapseEvidence): string | null {
  const low = embeddings.find(({ value, least }) => value < least);
  if (low === undefined || epoch <= 1) return null;
  const seen = `${low.metric} ${low.value.toPrecision(2)}, below ${low.least}`;
  return `the embeddings that the loss compares are almost equal for all pictures (${seen})`;
}

function standsAtCollapse(evidence: CollapseEvidence): boolean {
  const { loss, losses, lossAtCollapse, epoch, unsettled = 0 } = evidence;
  const isOver = epoch >= FIRST_EPOCH_OF_PLATEAU + unsettled;
  const settled = losses?.slice(unsettled) ?? [loss];
  return lossAtCollapse !== null && isOver && standsAt(settled, lossAtCollapse);
}

function notFalling({
  loss,
  losses: all = [],
  lossAtCollapse,
  unsettled = 0,
}: CollapseEvidence): string | null {
  const losses = all.slice(unsettled);
  if (losses.length < FIRST_EPOCH_OF_FALL) return null;
  const [from, to] = [losses[0]!.toFixed(4), loss.toFixed(4)];
  const then = unsettled === 0 ? "the first epoch" : `epoch ${unsettled + 1}`;
  const signs: string[] = [];
  if (!hasFallen(losses)) signs.push(`has not fallen since the start (${from} in ${then}, ${to} now)`);
  if (lossAtCollapse !== null && lossAtCollapse > 0 && staysAbove(losses, lossAtCollapse)) {
    const is = signs.length === 0 ? `is ${to} and ` : "";
    signs.push(
      `${is}has never been below its value when every picture gets the same output (${written(lossAtCollapse)})`,
    );
  }
  return signs.length === 0 ? null : `the loss ${signs.join(" and ")}`;
}

/** A loss at collapse in the familiar form: `ln 4096 = 8.3178`, or only the number. */
function written(lossAtCollapse: number): string {
  const outputs = Math.round(Math.exp(lossAtCollapse));
  // Among larger numbers almost every value is close to a logarithm.
  const isLogarithm = outputs > 1 && outputs < 1e7 && Math.abs(Math.log(outputs) - lossAtCollapse) < 1e-9;
  return isLogarithm ? `ln ${outputs} = ${lossAtCollapse.toFixed(4)}` : lossAtCollapse.toFixed(4);
}

/** What the curve of a run's mean losses shows. All functions take one loss for each epoch, oldest first. */

/** A loss within this share of a value (of 1 for values below 1) counts as equal to it. */
const NEAR = 1e-3;
/** The least fall that counts, as a share of the first epoch's loss … */
const LEAST_FALL = 5e-3;
/** … and in units of the noise from epoch to epoch. */
const LEAST_FALL_IN_NOISE = 1.5;

/**
 * Whether the last two epochs (or the only one) are within a thousandth of `value`. One epoch is not enough,
 * because a loss may pass through a value.
 */
export function standsAt(losses: readonly number[], value: number): boolean {
  return losses.slice(-2).every((loss) => Math.abs(loss - value) <= NEAR * Math.max(1, Math.abs(value)));
}

/**
 * Whether the loss has at some time fallen below that of its first epoch: the lowest mean of two successive
 * later epochs is below the first loss by 0.5 % of it, and by 1.5 times the noise. True for fewer than three
 * epochs, which show nothing.
 *
 * The noise is estimated from the differences of successive epochs, √(Σ d² / 2(n - 1)), which a slow fall
 * hardly changes (von Neumann 1941, "Distribution of the ratio of the mean square successive difference to
 * the variance"). It is not used for a loss that {@link isComingDown}, because neither a steep fall nor a
 * hill that the loss has passed is noise. A loss that rises later has fallen all the same: DINO's does so
 * while its teacher's temperature rises.
 */
export function hasFallen(losses: readonly number[]): boolean {
  if (losses.length < 3) return true;
  const [first, ...later] = losses as [number, ...number[]];
  const lowest = Math.min(...later.slice(1).map((loss, i) => (later[i]! + loss) / 2));
  const noise = isComingDown(losses) ? 0 : noiseOf(losses);
  return first - lowest > Math.max(LEAST_FALL * Math.abs(first), LEAST_FALL_IN_NOISE * noise);
}

/**
 * Whether the loss is falling and is now at its lowest. By chance this holds for one in 2n losses of n epochs
 * without a trend.
 */
function isComingDown(losses: readonly number[]): boolean {
  return fallsNow(losses) && losses.at(-1) === Math.min(...losses);
}

/** Whether each of the last two epochs was below the one before. */
function fallsNow(losses: readonly number[]): boolean {
  const [before, between, last] = losses.slice(-3);
  return last !== undefined && before! > between! && between! > last;
}

function noiseOf(losses: readonly number[]): number {
  const squares = losses.slice(1).map((loss, i) => (loss - losses[i]!) ** 2);
  return Math.sqrt(squares.reduce((a, b) => a + b) / (2 * squares.length));
}

/**
 * Whether no epoch was below `level` (by more than a thousandth), and the loss is not falling towards it.
 */
export function staysAbove(losses: readonly number[], level: number): boolean {
  return !fallsNow(losses) && losses.every((loss) => loss >= level - NEAR * Math.abs(level));
}

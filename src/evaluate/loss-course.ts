/** What the mean losses of a run's epochs say by themselves. All take them oldest first. */

/** A loss this near to a value, as a share of it (of 1 for smaller values), stands at it. */
const NEAR = 1e-3;
/** A fall counts from here on, as a share of the first epoch's loss … */
const LEAST_FALL = 5e-3;
/** … and in units of the noise from epoch to epoch. */
const LEAST_FALL_IN_NOISE = 1.5;

/**
 * Whether the last two epochs (or the only one) stand within a thousandth of `value`: passing by it is no
 * standing.
 */
export function standsAt(losses: readonly number[], value: number): boolean {
  return losses.slice(-2).every((loss) => Math.abs(loss - value) <= NEAR * Math.max(1, Math.abs(value)));
}

/**
 * Whether the loss has come down from its first epoch at some time: the lowest mean of two neighbouring later
 * epochs lies below the first loss by 0.5 % of it, and by 1.5 times the noise. The noise is estimated from
 * the differences of neighbours, √(Σ d² / 2(n - 1)), which a slow fall hardly touches (von Neumann 1941,
 * "Distribution of the ratio of the mean square successive difference to the variance"). It is not asked of a
 * loss that {@link isComingDown}: a steep fall is no noise, nor is a hill that a loss has passed over. A loss
 * that rises later has fallen all the same, as DINO's does while its teacher's temperature rises. True for
 * fewer than three epochs, of which nothing can be said.
 */
export function hasFallen(losses: readonly number[]): boolean {
  if (losses.length < 3) return true;
  const [first, ...later] = losses as [number, ...number[]];
  const lowest = Math.min(...later.slice(1).map((loss, i) => (later[i]! + loss) / 2));
  const noise = isComingDown(losses) ? 0 : noiseOf(losses);
  return first - lowest > Math.max(LEAST_FALL * Math.abs(first), LEAST_FALL_IN_NOISE * noise);
}

/**
 * Whether the loss falls now, and is the lowest so far. Of n losses without a course one in 2n is so by
 * chance.
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

/** Whether no epoch was below `level` (by more than a thousandth), nor is the loss on its way down to it. */
export function staysAbove(losses: readonly number[], level: number): boolean {
  return !fallsNow(losses) && losses.every((loss) => loss >= level - NEAR * Math.abs(level));
}

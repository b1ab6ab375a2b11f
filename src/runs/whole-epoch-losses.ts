import type { EpochRecord } from "./progress.ts";

/**
 * Losses of those epochs that are whole, of the newest one if none is. The mean of a part says little beside
 * them: MoCo's loss is higher where an epoch begins, since its queue holds the other views of the same
 * pictures then.
 *
 * @param epochs oldest first; `step` is the one after their last.
 */
export function wholeEpochLosses(
  epochs: readonly Pick<EpochRecord, "loss" | "step">[],
  stepsPerEpoch: number,
): number[] {
  const whole = epochs.filter(({ step }) => step % stepsPerEpoch === 0);
  return (whole.length === 0 ? epochs.slice(-1) : whole).map(({ loss }) => loss);
}

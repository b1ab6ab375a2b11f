import type { EpochRecord } from "./progress.ts";

/**
 * Losses of the whole epochs, or of the newest epoch if none is whole. The mean over a part of an epoch is
 * not comparable: MoCo's loss is higher at the start of an epoch, because its queue then contains other views
 * of the same pictures.
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

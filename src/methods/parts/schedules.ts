/** Schedules that several methods have. */
import type { Plan, ScalarSchedule } from "../../objectives/situation.ts";
import { constantSchedule, cosineSchedule, perEpoch, warmup } from "../../optim/schedule.ts";

/** A teacher's momentum that rises from `from` to 1 by a cosine. */
export function risingMomentum(from: number): (plan: Plan) => ScalarSchedule {
  return ({ steps }) => cosineSchedule({ from, to: 1, steps });
}

/** A gate that is 0 for a number of epochs at the start, and then 1. */
export function openAfter(epochs: number, { stepsPerEpoch }: Plan): ScalarSchedule {
  return (step) => (step < epochs * stepsPerEpoch ? 0 : 1);
}

export interface RisingTemperature {
  from: number;
  to: number;
  /** Share of the epochs over which it rises. */
  share: number;
}

/**
 * Rises linearly from one temperature to the other, epoch by epoch, then stays constant (`main_dino.py`,
 * DINOLoss).
 */
export function risingTemperature({ from, to, share }: RisingTemperature, plan: Plan): ScalarSchedule {
  const steps = Math.round(share * plan.epochs);
  const byEpoch = warmup({ start: from, steps, after: constantSchedule(to), inclusive: true });
  return perEpoch(byEpoch, plan.stepsPerEpoch);
}

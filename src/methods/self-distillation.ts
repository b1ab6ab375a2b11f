/** What DINO and its successors share. */
import { constantSchedule, perEpoch, type Schedule, warmup } from "../optim/schedule.ts";
import type { Plan, Situation } from "./method.ts";
import { shortMomentum } from "./short-runs.ts";

/** K, the outputs of the head: the authors' 65,536 at ImageNet's size, fewer for fewer pictures. */
export function outputsFor(pictures: number): number {
  const steps: [number, number][] = [
    [20_000, 1024],
    [50_000, 2048],
    [100_000, 4096],
    [200_000, 16_384],
    [500_000, 32_768],
  ];
  return steps.find(([limit]) => pictures < limit)?.[1] ?? 65_536;
}

/**
 * What short runs have else: few outputs, reached through one layer, and a teacher that comes along.
 *
 * @param leastMomentum of the teacher. Centres, themselves averages, do not hold up against one that is faster than 0.97;
 * outputs that are balanced within the batch do.
 */
export function shortDistillation(situation: Situation, leastMomentum = 0.97) {
  return {
    ...{ outputs: 256, headLayers: 1, teacherMomentum: shortMomentum(situation, leastMomentum) },
    globalScale: [0.5, 1] as [number, number],
    freezeLastLayerEpochs: Math.min(1, 0.1 * situation.epochs),
  };
}

/**
 * Below it (in nats) the teacher's outputs are the same for all pictures: a network that is untrained, or that learns slowly, has 0.03 to
 * 0.06 at a temperature of 0.04, one without sharpening 0.00007 after 1.6 epochs of Fashion-MNIST.
 */
export const LEAST_INFORMATION = [{ metric: "teacher_information", least: 0.001 }] as const;

export interface RisingTemperature {
  from: number;
  to: number;
  /** Share of the epochs over which it rises. */
  share: number;
}

/** In a line from one temperature to the other, epoch by epoch, then constant (`main_dino.py`, DINOLoss). */
export function risingTemperature({ from, to, share }: RisingTemperature, plan: Plan): Schedule {
  const steps = Math.round(share * plan.epochs);
  const byEpoch = warmup({ start: from, steps, after: constantSchedule(to), inclusive: true });
  return perEpoch(byEpoch, plan.stepsPerEpoch);
}

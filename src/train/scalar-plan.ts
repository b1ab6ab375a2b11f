/**
 * The numbers that change from step to step: learning rate, weight decay, step counts, and a method's own.
 */
import type { Plan, ScalarSchedule } from "../objectives/situation.ts";
import { cosineSchedule, type Schedule, stepSchedule, warmup } from "../optim/schedule.ts";
import { OWN_STEP, SCALAR } from "./graph-names.ts";
import type { TrainingConfig } from "./run-config.ts";
import type { RunTimeline } from "./run-timeline.ts";

export interface ScalarPlan {
  /** Inputs of the scalars at a step (0-based). */
  at(step: number): Record<string, Float32Array>;
}

/**
 * @param gated parameters that a gate may freeze. Each counts its own optimiser steps, so that Adam's bias
 * correction starts when the parameter starts to learn.
 * @param placeOf the place of a step in the plan; the step itself, unless the run was shortened on the way.
 */
export function scalarPlan(
  training: TrainingConfig,
  plan: Plan,
  ownSchedules: Readonly<Record<string, ScalarSchedule>>,
  gated: readonly { path: string; gate: string }[],
  placeOf: RunTimeline["placeOf"] = (step) => step,
): ScalarPlan {
  const own = mapSchedules(ownSchedules, placeOf);
  const warmupSteps = Math.min(plan.steps, Math.round(training.warmupEpochs * plan.stepsPerEpoch));
  const inclusive = training.inclusiveWarmup;
  const after = decayAfter(warmupSteps, training, plan);
  const learningRate = warmup({ start: 0, steps: warmupSteps, after, inclusive });
  const weightDecay = cosineSchedule({
    from: training.weightDecay,
    to: training.finalWeightDecay,
    steps: plan.steps,
  });
  const openSteps = countOpenSteps(own, gated);
  return {
    at(step) {
      const place = placeOf(step);
      const feeds: Record<string, Float32Array> = {
        learning_rate: Float32Array.of(learningRate(place)),
        peak_learning_rate: Float32Array.of(training.learningRate),
        weight_decay: Float32Array.of(weightDecay(place)),
        step: Float32Array.of(step + 1),
      };
      for (const [name, schedule] of Object.entries(own))
        feeds[`${SCALAR}${name}`] = Float32Array.of(schedule(step));
      for (const { path, gate } of gated)
        feeds[`${OWN_STEP}${path}`] = Float32Array.of(Math.max(1, openSteps(gate, step)));
      return feeds;
    },
  };
}

/** Schedules as functions of the run's step instead of its place in the plan. */
function mapSchedules(
  schedules: Readonly<Record<string, ScalarSchedule>>,
  placeOf: RunTimeline["placeOf"],
): Record<string, ScalarSchedule> {
  const entries = Object.entries(schedules);
  return Object.fromEntries(
    entries.map(([name, schedule]) => [name, (step: number) => schedule(placeOf(step))]),
  );
}

/** The learning rate after the warm-up, as a function of its own steps from 0 on. */
function decayAfter(warmupSteps: number, training: TrainingConfig, { steps }: Plan): Schedule {
  const { learningRate, finalLearningRate, decay, milestones, milestoneFactor } = training;
  if (decay === "cosine") {
    const own = Math.max(1, steps - warmupSteps);
    return cosineSchedule({ from: learningRate, to: finalLearningRate, steps: own });
  }
  const places = milestones.map((share) => Math.round(share * steps) - warmupSteps);
  return stepSchedule({ base: learningRate, milestones: places, factor: milestoneFactor });
}

/**
 * The number of steps, up to and including `step`, in which a gate was open. It is stored, since steps come
 * in order.
 */
function countOpenSteps(own: Readonly<Record<string, ScalarSchedule>>, gated: readonly { gate: string }[]) {
  const known = new Map(gated.map(({ gate }) => [gate, { upTo: -1, count: 0 }]));
  return (gate: string, step: number): number => {
    const memory = known.get(gate)!;
    if (step < memory.upTo) Object.assign(memory, { upTo: -1, count: 0 });
    for (let s = memory.upTo + 1; s <= step; s++) memory.count += own[gate]!(s) > 0 ? 1 : 0;
    memory.upTo = step;
    return memory.count;
  };
}

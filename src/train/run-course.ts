/**
 * Where a run ends, and where each of its steps stands in the schedules. A run that is shortened on its way goes through
 * the rest of its schedules in fewer steps: no learning rate, momentum or temperature jumps.
 */
import type { Change, RunConfig } from "./run-config.ts";
import { stepsOf } from "./run-config.ts";

export interface RunCourse {
  /** The epochs that the schedules were made for. */
  readonly scheduledEpochs: number;
  /** The number of steps until the end. */
  readonly steps: number;
  /** The place of a step (0-based) in the schedules, which count in steps of the scheduled epochs. */
  placeOf(step: number): number;
}

type Timed = Pick<RunConfig, "batchSize" | "data" | "epochs" | "history">;

/** From a step on, places follow a straight line to the end of the schedules. */
interface Leg {
  step: number;
  place: number;
  /** The step after the last one. */
  end: number;
}

/**
 * Reads the course from a configuration. Epochs that its history changes to keep the time (`because: "pace"`) end the same
 * schedules sooner or later; epochs that a user changes begin schedules of their own, as if the run had had them from its start.
 */
export function courseOf(config: Timed): RunCourse {
  const changes = epochChanges(config);
  let scheduledEpochs = changes[0]?.from ?? config.epochs;
  let legs = firstLeg(config, scheduledEpochs);
  for (const { step, to, because } of changes) {
    if (because === "pace") {
      const scheduled = stepsWith(config, scheduledEpochs);
      legs = [...legs, { step, place: placeIn(legs, scheduled, step), end: stepsWith(config, to) }];
    } else {
      scheduledEpochs = to;
      legs = firstLeg(config, to);
    }
  }
  const scheduled = stepsWith(config, scheduledEpochs);
  return {
    scheduledEpochs,
    steps: legs.at(-1)!.end,
    placeOf: (step) => placeIn(legs, scheduled, step),
  };
}

interface EpochChange {
  step: number;
  from: number;
  to: number;
  because: "pace" | undefined;
}

function epochChanges({ history = [] }: Timed): EpochChange[] {
  return history.flatMap(({ step, changes, because }) =>
    changes.filter(isEpochs).map(({ from, to }) => ({ step, from: Number(from), to: Number(to), because })),
  );
}

function isEpochs({ name }: Change): boolean {
  return name === "epochs";
}

function firstLeg(config: Timed, epochs: number): Leg[] {
  return [{ step: 0, place: 0, end: stepsWith(config, epochs) }];
}

function stepsWith(config: Timed, epochs: number): number {
  return stepsOf({ ...config, epochs });
}

function placeIn(legs: readonly Leg[], scheduled: number, step: number): number {
  const leg = legs.findLast((each) => each.step <= step) ?? legs[0]!;
  // Exact where nothing was changed: a run without decisions has the places that it always had.
  if (leg.place === leg.step && leg.end === scheduled) return step;
  return leg.place + ((step - leg.step) * (scheduled - leg.place)) / (leg.end - leg.step);
}

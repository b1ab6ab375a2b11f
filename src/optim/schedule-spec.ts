import {
  constantSchedule,
  cosineSchedule,
  perEpoch,
  type Schedule,
  stepSchedule,
  warmup,
} from "./schedule.ts";

/**
 * A schedule as data, to be written into a run's configuration; the fields are those of the functions'
 * options.
 */
export type ScheduleSpec =
  | { kind: "constant"; value: number }
  | { kind: "cosine"; from: number; to: number; steps: number }
  | { kind: "warmup"; start: number; steps: number; after: ScheduleSpec; inclusive?: boolean }
  | { kind: "steps"; base: number; milestones: readonly number[]; factor: number }
  | { kind: "perEpoch"; schedule: ScheduleSpec; stepsPerEpoch: number };

/**
 * The schedule that a specification describes.
 *
 * @throws AfterimageError `usage/value` for impossible numbers of steps.
 */
export function scheduleFrom(spec: ScheduleSpec): Schedule {
  switch (spec.kind) {
    case "constant":
      return constantSchedule(spec.value);
    case "cosine":
      return cosineSchedule(spec);
    case "warmup":
      return warmup({ ...spec, after: scheduleFrom(spec.after) });
    case "steps":
      return stepSchedule(spec);
    case "perEpoch":
      return perEpoch(scheduleFrom(spec.schedule), spec.stepsPerEpoch);
  }
}

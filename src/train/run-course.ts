/**
 * Where a run ends, and where each of its steps stands in the schedules. A run that is shortened on its way
 * goes through the rest of its schedules in fewer steps: no learning rate, momentum or temperature jumps.
 */
import { type Decision, type RunConfig, stepsOf } from "./run-config.ts";

export interface RunCourse {
  /** The epochs that the schedules were made for. */
  readonly scheduledEpochs: number;
  /** The number of steps until the end. */
  readonly steps: number;
  /** The place of a step (0-based) in the schedules, which count in steps of the scheduled epochs. */
  placeOf(step: number): number;
}

type Timed = Pick<RunConfig, "batchSize" | "data" | "epochs" | "history">;

/**
 * Reads the course from a configuration. Epochs that its history changes to keep the time (`because: "pace"`)
 * end the same schedules sooner or later. What a user changes (epochs, or pictures that are added) begins
 * schedules of its own, as if the run had had it from its start.
 */
export function courseOf(config: Timed): RunCourse {
  const { history = [], epochs } = config;
  let course = straight(config, firstEpochs(config));
  let current = course.scheduledEpochs;
  for (const { step, changes, because } of history) {
    const to = changes.find(({ name }) => name === "epochs")?.to;
    if (to !== undefined) current = Number(to);
    if (because === "pace") course = bent(course, step, stepsWith(config, current));
    else if (changes.some(({ name }) => SCHEDULED.has(name))) course = straight(config, current);
  }
  // A change that is not in the history yet.
  return current === epochs ? course : straight(config, epochs);
}

/** What a run decided about its epochs to keep its time, since its schedules last began anew. */
export function paceDecisions({
  history = [],
  repeats = [],
}: Pick<RunConfig, "history" | "repeats">): Decision[] {
  if (repeats.length > 0) return [...repeats];
  const anew = history.findLastIndex(
    ({ changes, because }) => because === undefined && changes.some(({ name }) => SCHEDULED.has(name)),
  );
  return history.slice(anew + 1).flatMap(({ step, changes, because }) => {
    const change = because === "pace" ? changes.find(({ name }) => name === "epochs") : undefined;
    return change === undefined ? [] : [{ step, epochs: Number(change.to) }];
  });
}

/** What schedules follow from. */
const SCHEDULED: ReadonlySet<string> = new Set(["epochs", "data.pictures"]);

/** The epochs that the run began with. */
function firstEpochs({ history = [], epochs }: Timed): number {
  const first = history.flatMap(({ changes }) => changes).find(({ name }) => name === "epochs");
  return first === undefined ? epochs : Number(first.from);
}

function straight(config: Timed, scheduledEpochs: number): RunCourse {
  return { scheduledEpochs, steps: stepsWith(config, scheduledEpochs), placeOf: (step) => step };
}

/** The same course up to a step, and a straight line from there to the end of the schedules. */
function bent(
  { scheduledEpochs, steps: planned, placeOf }: RunCourse,
  from: number,
  steps: number,
): RunCourse {
  const [place, last] = [placeOf(from), placeOf(planned)];
  const slope = (last - place) / (steps - from);
  return {
    scheduledEpochs,
    steps,
    placeOf: (step) => (step < from ? placeOf(step) : place + (step - from) * slope),
  };
}

function stepsWith(config: Timed, epochs: number): number {
  return stepsOf({ ...config, epochs });
}

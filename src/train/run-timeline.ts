/**
 * The timeline of a run: its end, and the place of each step in the schedules. A run that is shortened on the
 * way completes its schedules in fewer steps, so that no learning rate, momentum or temperature jumps.
 */
import { type Decision, type RunConfig, stepsOf } from "./run-config.ts";

export interface RunTimeline {
  /** The epochs that the schedules were made for. */
  readonly scheduledEpochs: number;
  /** The number of steps until the end. */
  readonly steps: number;
  /** The place of a step (0-based) in the schedules, which count in steps of the scheduled epochs. */
  placeOf(step: number): number;
}

type Timed = Pick<RunConfig, "batchSize" | "data" | "epochs" | "history">;

/**
 * Reads the timeline from a configuration. If its history changes the epochs to keep the time
 * (`because: "pace"`) or to end early (`"validation"`), the same schedules end sooner or later. If a user
 * changes them (epochs, or added pictures), new schedules apply, as if the run had had them from its start.
 */
export function timelineOf(config: Timed): RunTimeline {
  const { history = [], epochs } = config;
  let timeline = straight(config, firstEpochs(config));
  let current = timeline.scheduledEpochs;
  for (const { step, changes, because } of history) {
    const to = changes.find(({ name }) => name === "epochs")?.to;
    if (to !== undefined) current = Number(to);
    if (because !== undefined) timeline = bent(timeline, step, stepsWith(config, current));
    else if (changes.some(({ name }) => SCHEDULED.has(name))) timeline = straight(config, current);
  }
  // A change that is not in the history yet.
  return current === epochs ? timeline : straight(config, epochs);
}

/**
 * The decisions about the epochs that a run made to keep its time, since its schedules were last renewed.
 */
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

/** The entries that schedules depend on. */
const SCHEDULED: ReadonlySet<string> = new Set(["epochs", "data.pictures"]);

/** The epochs that the run began with. */
function firstEpochs({ history = [], epochs }: Timed): number {
  const first = history.flatMap(({ changes }) => changes).find(({ name }) => name === "epochs");
  return first === undefined ? epochs : Number(first.from);
}

function straight(config: Timed, scheduledEpochs: number): RunTimeline {
  return { scheduledEpochs, steps: stepsWith(config, scheduledEpochs), placeOf: (step) => step };
}

/** The same timeline up to a step, and a straight line from there to the end of the schedules. */
function bent(
  { scheduledEpochs, steps: planned, placeOf }: RunTimeline,
  from: number,
  steps: number,
): RunTimeline {
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

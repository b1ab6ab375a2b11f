/**
 * Decides at the ends of epochs whether a run will end within its minutes, by the duration of its last
 * epochs.
 */
import type { Decision, RunConfig } from "../train/run-config.ts";
import { minutesText } from "./minutes-text.ts";

/** The end of an epoch. */
export interface PacePlace {
  /** Finished steps, and all steps decided so far. */
  step: number;
  steps: number;
  /** All steps that the schedules were made for. */
  scheduledSteps: number;
  stepsPerEpoch: number;
}

export interface PaceDecision {
  /** Epochs of the whole run from now on; null for no change. */
  epochs: number | null;
  /** A note for the user; null for none. */
  note: string | null;
}

export interface Pace {
  /** Called at the end of every epoch except the last; null for no change. */
  decide(place: PacePlace): PaceDecision | null;
}

export interface PaceOptions {
  /** When the command began, in milliseconds of `now`. */
  startedAt: number;
  /** Seconds of the run's minutes that earlier sessions have used. */
  secondsBefore: number;
  /** The first step of this session. */
  step: number;
  /** The least number of epochs that a run is shortened to. */
  fewestEpochs?: number | undefined;
  /** A monotonic clock, in milliseconds; `performance.now` by default. */
  now?: () => number;
}

/** Fewer epochs teach too little to be useful. */
export const FEWEST_EPOCHS = 5;
/** A run may exceed its minutes by this share before it is shortened. */
const TOLERANCE = 0.05;
/** The least share of its scheduled steps that a shortened run keeps, so that its learning rate can fall. */
const LEAST_REST = 0.05;
/**
 * The pace is the median over the epochs of the last half minute, or of half of the remaining time if that is
 * longer. So a slow moment does not count for the rest of the run.
 */
const LEAST_WINDOW_SECONDS = 30;

/**
 * The pace of a run with minutes, or the decisions of the run that it repeats; null for a run with neither.
 */
export function paceOf(config: RunConfig, options: PaceOptions): Pace | null {
  if (config.repeats !== undefined) return repeatedPace(config.repeats);
  return config.minutes === undefined ? null : new MeasuredPace(config.minutes, options);
}

function repeatedPace(decisions: readonly Decision[]): Pace {
  return {
    decide({ step }) {
      const decision = decisions.find((each) => each.step === step);
      return decision === undefined ? null : { epochs: decision.epochs, note: null };
    },
  };
}

class MeasuredPace implements Pace {
  readonly #minutes: number;
  readonly #end: number;
  readonly #fewestEpochs: number;
  readonly #now: () => number;
  readonly #epochs: { end: number; secondsPerStep: number }[] = [];
  #last: { at: number; step: number };
  #isLate = false;

  constructor(minutes: number, options: PaceOptions) {
    const { startedAt, secondsBefore, step, fewestEpochs = FEWEST_EPOCHS, now } = options;
    this.#minutes = minutes;
    this.#end = startedAt + 1000 * (60 * minutes - secondsBefore);
    this.#fewestEpochs = fewestEpochs;
    this.#now = now ?? (() => performance.now());
    this.#last = { at: this.#now(), step };
  }

  decide({ step, steps, scheduledSteps, stepsPerEpoch }: PacePlace): PaceDecision | null {
    this.#add(step);
    const left = (this.#end - this.#last.at) / 1000;
    const secondsPerStep = this.#pace(left);
    const late = (steps - step) * secondsPerStep - left;
    if (late <= TOLERANCE * 60 * this.#minutes) return null;
    const rest = Math.max(Math.floor(left / secondsPerStep), Math.ceil(LEAST_REST * scheduledSteps));
    const wanted = Math.max(step + rest, Math.ceil(this.#fewestEpochs * stepsPerEpoch));
    if (wanted >= steps) return this.#keep(late);
    const epochs = wanted / stepsPerEpoch;
    const [before, now] = [steps / stepsPerEpoch, epochs].map((count) => `${Number(count.toFixed(1))}`);
    const note = `epochs take longer than planned: ${now} epochs instead of ${before}, to end in ${minutesText(this.#minutes)}`;
    return { epochs, note };
  }

  /** Says once that the rest cannot be shortened. */
  #keep(late: number): PaceDecision | null {
    if (this.#isLate) return null;
    this.#isLate = true;
    const more = Math.max(1, Math.round(late / 60));
    const note = `epochs take longer than planned: the run ends about ${minutesText(more)} late, because fewer epochs teach too little`;
    return { epochs: null, note };
  }

  /** Adds the epoch that ends now. */
  #add(step: number): void {
    const at = this.#now();
    const seconds = (at - this.#last.at) / 1000;
    this.#epochs.push({ end: at, secondsPerStep: seconds / Math.max(1, step - this.#last.step) });
    this.#last = { at, step };
  }

  /** Seconds that a step takes now, for a decision about the remaining `left` seconds. */
  #pace(left: number): number {
    const from = this.#last.at - 1000 * Math.max(LEAST_WINDOW_SECONDS, left / 2);
    const recent = this.#epochs.filter(({ end }) => end > from).map(({ secondsPerStep }) => secondsPerStep);
    const sorted = recent.sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)]!;
  }
}

/**
 * Whether a run ends in the minutes there are: decided at the ends of epochs, by what the last of them took.
 */
import type { Decision, RunConfig } from "../train/run-config.ts";
import { minutesText } from "./minutes-text.ts";

/** The end of an epoch. */
export interface PacePlace {
  /** Steps that are done, and all that are decided until now. */
  step: number;
  steps: number;
  /** All steps that the schedules were made for. */
  scheduledSteps: number;
  stepsPerEpoch: number;
}

export interface PaceDecision {
  /** Epochs of the whole run from now on; null to keep them. */
  epochs: number | null;
  /** What a user should know of it; null for nothing. */
  note: string | null;
}

export interface Pace {
  /** To be asked at the end of every epoch but the last one; null to go on as before. */
  decide(place: PacePlace): PaceDecision | null;
}

export interface PaceOptions {
  /** When the command began, in milliseconds of `now`. */
  startedAt: number;
  /** Seconds that earlier sessions of the run have used of its minutes. */
  secondsBefore: number;
  /** The step that this session begins with. */
  step: number;
  /** No run is shortened to fewer epochs than these. */
  fewestEpochs?: number | undefined;
  /** A clock that only goes forwards, in milliseconds; `performance.now` by default. */
  now?: () => number;
}

/** Fewer epochs teach too little to be worth having. */
export const FEWEST_EPOCHS = 5;
/** A run may take this share of its minutes longer before it is shortened. */
const TOLERANCE = 0.05;
/** The share of its scheduled steps that a run keeps at least, for its learning rate to come down. */
const LEAST_REST = 0.05;
/**
 * The pace is the median of the epochs of the last half minute, or of half of the time that is left where
 * that is longer: a slow moment costs the seconds it took, and is not taken for the rest of the run.
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

  /** Said once: what is left cannot be shortened. */
  #keep(late: number): PaceDecision | null {
    if (this.#isLate) return null;
    this.#isLate = true;
    const more = Math.max(1, Math.round(late / 60));
    const note = `epochs take longer than planned: the run ends about ${minutesText(more)} late, because fewer epochs teach too little`;
    return { epochs: null, note };
  }

  /** The epoch that ends now. */
  #add(step: number): void {
    const at = this.#now();
    const seconds = (at - this.#last.at) / 1000;
    this.#epochs.push({ end: at, secondsPerStep: seconds / Math.max(1, step - this.#last.step) });
    this.#last = { at, step };
  }

  /** Seconds a step takes now, for a decision about the `left` seconds. */
  #pace(left: number): number {
    const from = this.#last.at - 1000 * Math.max(LEAST_WINDOW_SECONDS, left / 2);
    const recent = this.#epochs.filter(({ end }) => end > from).map(({ secondsPerStep }) => secondsPerStep);
    const sorted = recent.sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)]!;
  }
}

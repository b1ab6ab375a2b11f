/**
 * Fits a run into the given minutes: first its epochs, then resolution, width and network, by the pace of a
 * few steps on this machine. A user's choices are not changed.
 */
import type { PictureSurvey } from "../../data/picture-survey.ts";
import type { Method } from "../../objectives/method.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { stepsPerEpoch } from "../../train/run-config.ts";
import { chosenAt, defaultRung, type Ladder, ladderFor, roundDown } from "./choose-by-size.ts";
import { type Choices, configure } from "./configure.ts";
import type { Rung } from "./rungs.ts";

export interface MinutesOptions {
  survey: PictureSurvey;
  method: Method;
  /** Seconds left for training. */
  secondsLeft(): number;
  /** Times a few steps; returns the seconds of one. */
  secondsPerStep(config: RunConfig): Promise<number>;
  /**
   * The least number of epochs chosen. Default: one, or the share of an epoch that a hundred steps are.
   */
  fewestEpochs?: number | undefined;
  /** Called if the fewest epochs take longer than there is time. */
  tooLong?(seconds: number, epochs: number): void;
}

/** The share of the time for measurements of kNN, checkpoints and the export. */
const OVERHEAD = 0.06;
/** Fewer steps teach nothing. This many are trained, or one epoch, however short the time is. */
const LEAST_STEPS = 100;
/** A note is given if a run takes this many times as long as there is time. */
const TOO_LONG = 1.1;
/** A smaller network or picture is chosen if there is time for less than this share of the wanted epochs. */
const LEAST_SHARE = 0.125;

/** @throws AfterimageError as {@link configure} does. */
export async function fitMinutes(choices: Choices, options: MinutesOptions): Promise<Choices> {
  const { survey, method, secondsLeft } = options;
  const ladder = ladderFor(choices, survey, method);
  const timing = new Timing(choices, ladder, options);
  const start = ladder.rungs.indexOf(defaultRung(ladder, survey));
  const rung = await climb(ladder, start, timing, choices.epochs);
  const secondsPerEpoch = await timing.secondsPerEpoch(rung);
  const { fewestEpochs = Math.min(1, LEAST_STEPS / timing.stepsPerEpoch) } = options;
  const affordable = spent(secondsLeft()) / secondsPerEpoch;
  const epochs = choices.epochs ?? rounded(Math.max(fewestEpochs, affordable));
  if (epochs > TOO_LONG * affordable) options.tooLong?.((epochs * secondsPerEpoch) / (1 - OVERHEAD), epochs);
  return chosenAt(choices, rung, epochs);
}

/**
 * Seconds of an epoch on this machine: measured at one rung, and computed from the reference cost at the
 * others.
 */
class Timing {
  readonly #choices: Choices;
  readonly #ladder: Ladder;
  readonly #options: MinutesOptions;
  readonly #measured = new Map<Rung, number>();
  stepsPerEpoch = 1;

  constructor(choices: Choices, ladder: Ladder, options: MinutesOptions) {
    this.#choices = choices;
    this.#ladder = ladder;
    this.#options = options;
  }

  async secondsPerEpoch(rung: Rung): Promise<number> {
    const known = this.#measured.get(rung);
    if (known !== undefined) return known;
    const { survey, method, secondsPerStep } = this.#options;
    const data = { path: "", fingerprint: "", pictures: survey.pictures };
    const config = configure(chosenAt(this.#choices, rung, this.#ladder.wantedEpochs), data, method);
    this.stepsPerEpoch = stepsPerEpoch(config);
    const seconds = (await secondsPerStep(config)) * this.stepsPerEpoch;
    this.#measured.set(rung, seconds);
    return seconds;
  }

  /** Epochs that there is time for, judged by the time of another rung. */
  async epochsAt(rung: Rung, measuredAt: Rung): Promise<number> {
    const { secondsPerEpoch } = this.#ladder;
    const ratio = secondsPerEpoch(rung) / secondsPerEpoch(measuredAt);
    return spent(this.#options.secondsLeft()) / (ratio * (await this.secondsPerEpoch(measuredAt)));
  }
}

/**
 * Goes down if there is time for too few epochs, and up if there is time for more than wanted. Epochs that a
 * user chose count as wanted.
 */
async function climb(
  { rungs, wantedEpochs }: Ladder,
  start: number,
  timing: Timing,
  asked: number | undefined,
): Promise<Rung> {
  const measuredAt = rungs[start]!;
  const least = asked ?? LEAST_SHARE * wantedEpochs;
  const most = asked ?? wantedEpochs;
  let at = start;
  while (at > 0 && (await timing.epochsAt(rungs[at]!, measuredAt)) < least) at -= 1;
  if (at < start) return rungs[at]!;
  while (at + 1 < rungs.length && (await timing.epochsAt(rungs[at + 1]!, measuredAt)) >= most) at += 1;
  return rungs[at]!;
}

function spent(secondsLeft: number): number {
  return (1 - OVERHEAD) * secondsLeft;
}

/** Whole epochs from ten on; below, hundredths, since each is a large share of the run. */
function rounded(epochs: number): number {
  return epochs >= 10 ? roundDown(epochs) : Math.ceil(100 * epochs) / 100;
}

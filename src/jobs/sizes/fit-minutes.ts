/**
 * What is trained in the minutes that there are: epochs first, then resolution, width and network, by the
 * pace of a few steps on this machine. What a user chose is not changed.
 */
import type { PictureSurvey } from "../../data/picture-survey.ts";
import type { Method } from "../../objectives/method.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { stepsPerEpoch } from "../../train/run-config.ts";
import { type Choices, configure } from "../configure.ts";
import { chosenAt, defaultRung, type Ladder, ladderFor, roundDown } from "./choose-by-size.ts";
import type { Rung } from "./rungs.ts";

export interface MinutesOptions {
  survey: PictureSurvey;
  method: Method;
  /** Seconds that are left for training. */
  secondsLeft(): number;
  /** Times a few steps: seconds of one. */
  secondsPerStep(config: RunConfig): Promise<number>;
  /** No fewer epochs are chosen; by default one, or a hundred steps of a longer one. */
  fewestEpochs?: number | undefined;
  /** Told where the fewest epochs take longer than there is time. */
  tooLong?(seconds: number, epochs: number): void;
}

/** The share of the time that looks at kNN, checkpoints and the export take. */
const OVERHEAD = 0.06;
/** Fewer steps teach nothing: so many are done, or one epoch, however short the time is. */
const LEAST_STEPS = 100;
/** A run that takes this many times as long as there is time is announced. */
const TOO_LONG = 1.1;
/**
 * A smaller network or picture is chosen where there is time for less than this share of the wanted epochs.
 */
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

/** Seconds of an epoch here: measured at one rung, and by the rungs' reference cost at the others. */
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

  /** Epochs that there is time for, by what another rung took. */
  async epochsAt(rung: Rung, measuredAt: Rung): Promise<number> {
    const { secondsPerEpoch } = this.#ladder;
    const ratio = secondsPerEpoch(rung) / secondsPerEpoch(measuredAt);
    return spent(this.#options.secondsLeft()) / (ratio * (await this.secondsPerEpoch(measuredAt)));
  }
}

/**
 * Down where the time is short of epochs, up where it has more than are wanted; epochs that a user chose
 * count as wanted.
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

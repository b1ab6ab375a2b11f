/**
 * The default sizes. Network, width, resolution and epochs follow from the number and the size of the
 * pictures, so that the same command gives the same run on every machine, in about half an hour on a laptop.
 */
import type { PictureSurvey } from "../../data/picture-survey.ts";
import type { Method } from "../../objectives/method.ts";
import { stepsPerEpoch } from "../../train/run-config.ts";
import { referenceSeconds } from "../../train/step-cost.ts";
import { type Choices, configure } from "./configure.ts";
import { type Rung, rungsFor, SMALLEST_PHOTOGRAPH } from "./rungs.ts";

/**
 * Seconds of steps on one core of the reference machine (see `train/step-cost.ts`): half an hour on its two
 * cores for up to 2,000 pictures. More pictures get more time, up to an hour and a half, which is half an
 * hour on four cores of a laptop.
 */
const BUDGET = { seconds: 3400, pictures: 2000, power: 0.6, most: 9000 } as const;

/** Papers train no longer, and a network has learned by then what it can from few pictures. */
const MOST_EPOCHS = 800;
/** The least epochs for any number of pictures, even beyond the budget. */
const LEAST_EPOCHS = 10;

/** The rungs of a run, and the facts for choosing among them. */
export interface Ladder {
  rungs: readonly Rung[];
  /** Seconds of an epoch on one core of the reference machine. */
  secondsPerEpoch(rung: Rung): number;
  /** Epochs that a run must have for a larger network or picture to be worthwhile. */
  wantedEpochs: number;
}

export function ladderFor(choices: Choices, survey: PictureSurvey, method: Method): Ladder {
  const wantedEpochs = wantedEpochsOf(survey);
  const known = new Map<Rung, number>();
  return {
    rungs: rungsFor(choices, method, survey.side),
    wantedEpochs,
    secondsPerEpoch(rung) {
      const seconds = known.get(rung) ?? price({ ...chosenAt(choices, rung, wantedEpochs) }, survey, method);
      known.set(rung, seconds);
      return seconds;
    },
  };
}

/**
 * Completes backbone width, image size and epochs if the user did not choose them.
 *
 * @throws AfterimageError as {@link configure} does.
 */
export function chooseBySize(choices: Choices, survey: PictureSurvey, method: Method): Choices {
  const ladder = ladderFor(choices, survey, method);
  const rung = defaultRung(ladder, survey);
  return chosenAt(choices, rung, defaultEpochs(ladder, rung, survey));
}

/** The most expensive rung that the budget can train for the wanted epochs, or the cheapest. */
export function defaultRung({ rungs, secondsPerEpoch, wantedEpochs }: Ladder, survey: PictureSurvey): Rung {
  const budget = budgetFor(survey.pictures);
  let chosen = rungs[0]!;
  for (const rung of rungs.slice(1)) {
    if (budget / secondsPerEpoch(rung) < wantedEpochs) break;
    chosen = rung;
  }
  return chosen;
}

function defaultEpochs({ secondsPerEpoch }: Ladder, rung: Rung, { pictures }: PictureSurvey): number {
  const affordable = budgetFor(pictures) / secondsPerEpoch(rung);
  return Math.min(MOST_EPOCHS, Math.max(LEAST_EPOCHS, roundDown(affordable)));
}

/** The choices, completed with those of a rung. */
export function chosenAt(choices: Choices, { imageSize, widthMultiplier }: Rung, epochs: number): Choices {
  const { backboneOptions } = choices;
  return {
    ...choices,
    imageSize: choices.imageSize ?? imageSize,
    epochs: choices.epochs ?? epochs,
    ...(widthMultiplier !== undefined && { backboneOptions: { ...backboneOptions, widthMultiplier } }),
  };
}

function price(choices: Choices, { pictures }: PictureSurvey, method: Method): number {
  const config = configure(choices, { path: "", fingerprint: "", pictures }, method);
  return referenceSeconds(config, method) * stepsPerEpoch(config);
}

function budgetFor(pictures: number): number {
  const { seconds, power, most } = BUDGET;
  return Math.min(most, seconds * Math.max(1, pictures / BUDGET.pictures) ** power);
}

/**
 * 200 of 500 small pictures, 93 of 2,000, 39 of 10,000, 14 of 60,000; twice as many of photographs. Of 430
 * photographs, 130 epochs at 64 pixels taught more than 70 at 96 in the same time, and half of the width more
 * than all of it (quality/README.md).
 */
function wantedEpochsOf({ pictures, side }: PictureSurvey): number {
  const small = 200 * (pictures / 500) ** -0.55;
  const isPhotographs = side === null || side >= SMALLEST_PHOTOGRAPH;
  return Math.min(MOST_EPOCHS, Math.max(LEAST_EPOCHS, Math.round(isPhotographs ? 2 * small : small)));
}

/** Two digits are enough for the length of a run. */
export function roundDown(epochs: number): number {
  const unit = epochs >= 100 ? 10 : 1;
  return unit * Math.floor(epochs / unit);
}

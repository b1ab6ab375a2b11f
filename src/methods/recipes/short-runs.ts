/**
 * Settings that differ in short runs. Authors' settings are for hundreds of epochs on a large data set. A run
 * on a folder of a few thousand pictures ends after a few thousand steps. By then LARS and SGD have hardly
 * moved a network, but AdamW has, because its steps do not depend on the size of gradients. A short run also
 * cannot learn from the smallest crops, or through a deep head.
 *
 * Numbers go from those of short runs to the authors' over a factor of four in steps, so a longer run differs
 * little from a slightly shorter one. The optimiser and choices such as a norm or a bound have no values in
 * between; they change at once in the middle.
 */
import type { CatalogueMethod, TrainingDefaults } from "../../objectives/method.ts";
import type { Situation } from "../../objectives/situation.ts";
import { squareRootScaling } from "../../optim/schedule.ts";
import { between } from "./between.ts";
import type { Recipe, ShortRecipe } from "./recipe.ts";

/** The number of optimiser steps from which a run uses its authors' optimiser. */
export const LONG_RUN = 20_000;

/**
 * The number of steps up to which a run has all settings of short runs, and from which it has all of its
 * authors'. Usual runs on CIFAR have 40,000.
 */
export const [SHORT_UP_TO, AUTHORS_FROM] = [LONG_RUN / 2, LONG_RUN * 2] as const;

/**
 * Peak learning rates for batches of 64. They grow with the square root of the batch size, as the noise of
 * gradients falls.
 */
const RATES = { convolutional: 3e-3, vit: 1e-3 };

/** AdamW's weight decay, unless the authors have their own. */
const ADAMW_DECAY = 0.01;

type Training<S extends object> = Recipe<S>["training"];
type Defaults<S extends object> = Recipe<S>["defaults"];

function stepsOf({ pictures, batchSize, epochs }: Situation): number {
  return Math.floor(pictures / batchSize) * epochs;
}

function isShort(situation: Situation): boolean {
  return stepsOf(situation) < LONG_RUN;
}

/** 0 for short runs, 1 for long ones, in the logarithm of the steps; .5 where the optimiser changes. */
function lengthOf(situation: Situation): number {
  const share = Math.log(stepsOf(situation) / SHORT_UP_TO) / Math.log(AUTHORS_FROM / SHORT_UP_TO);
  return Math.min(1, Math.max(0, share));
}

/**
 * The momentum of a moving average at the start of a short run: the average covers a hundredth of the run, up
 * to 0.995. With the momentum of a long run, the average would still be near its initial value when a short
 * run ends.
 *
 * @param least lower bound, for very short runs.
 */
export function shortMomentum(situation: Situation, least: number): number {
  return Math.max(least, Math.round(1000 - 100_000 / stepsOf(situation)) / 1000);
}

/**
 * Area of the contrasted crops, as a share of the picture. The minimum is a half in runs of 400 steps and
 * fewer, which learn little from smaller crops, and falls to a fifth, as MoCo's, at 1,200 steps. Methods that
 * predict a moving target keep a half in all short runs.
 */
export function contrastedCrop(situation: Situation): [number, number] {
  const least = 0.5 - (0.3 * (stepsOf(situation) - 400)) / 800;
  return [Math.round(100 * Math.min(0.5, Math.max(0.2, least))) / 100, 1];
}

/**
 * The recipe for runs of every length.
 *
 * @param authors the recipe of long runs.
 * @param mix how settings change from short to long runs.
 */
export function byLength<S extends object>(
  authors: Recipe<S>,
  short: ShortRecipe<S> = {},
  mix: typeof settingsByLength = settingsByLength,
): Recipe<S> {
  return {
    defaults: mix(authors.defaults, (situation) => short.defaults?.(situation) ?? {}),
    training: trainingByLength(authors.training, (situation) => short.training?.(situation) ?? {}),
  };
}

/**
 * Settings between those of short and of long runs, by the number of steps.
 *
 * @param long complete settings.
 * @param short the settings that differ in short runs.
 */
export function settingsByLength<S extends object>(
  long: Defaults<S>,
  short: (situation: Situation) => Partial<S>,
): Defaults<S> {
  return (situation) => between(long(situation), short(situation), lengthOf(situation));
}

/** The same for settings that make sense only together: they all change at once in the middle. */
export function settingsAtOnce<S extends object>(
  long: Defaults<S>,
  short: (situation: Situation) => Partial<S>,
): Defaults<S> {
  return (situation) => ({ ...long(situation), ...(isShort(situation) ? short(situation) : {}) });
}

/**
 * @param authors the optimiser of long runs.
 * @param short the differences of this method, in short runs, from AdamW with a warm-up and a cosine to 0.
 */
export function trainingByLength<S extends object>(
  authors: Training<S>,
  short: (situation: Situation) => Partial<TrainingDefaults> = () => ({}),
): Training<S> {
  return (settings, situation) => {
    const long = authors(settings, situation);
    const few = { ...shortTraining(long, situation), ...short(situation) };
    if (few.optimizer !== long.optimizer) return isShort(situation) ? few : long;
    const nearer = isShort(situation) ? few : long;
    return { ...nearer, ...between(numbersOf(long), numbersOf(few), lengthOf(situation)) };
  };
}

function shortTraining(long: TrainingDefaults, situation: Situation): TrainingDefaults {
  return {
    ...adamWTraining(situation),
    ...decayOf(long),
    inclusiveWarmup: long.inclusiveWarmup,
    clip: long.clip,
    ...(long.beta2 === undefined ? {} : { beta2: long.beta2 }),
  };
}

/** AdamW with a warm-up and a cosine to 0: the training of short runs, unless a method has its own. */
export function adamWTraining({ batchSize, epochs, family }: Situation): TrainingDefaults {
  return {
    optimizer: "adamw",
    learningRate: squareRootScaling(family === "vit" ? RATES.vit : RATES.convolutional, batchSize, 64),
    finalLearningRate: 0,
    warmupEpochs: epochs * 0.1,
    inclusiveWarmup: false,
    weightDecay: ADAMW_DECAY,
    finalWeightDecay: ADAMW_DECAY,
    clip: null,
  };
}

/** The numbers that change gradually from short to long runs if the optimiser stays the same. */
function numbersOf(training: TrainingDefaults) {
  const { learningRate, finalLearningRate, warmupEpochs, weightDecay, finalWeightDecay } = training;
  return { learningRate, finalLearningRate, warmupEpochs, weightDecay, finalWeightDecay };
}

/** AdamW's decay is not added to the gradient, so other optimisers' values have no meaning here. */
function decayOf({ optimizer, weightDecay, finalWeightDecay }: TrainingDefaults) {
  return optimizer === "adamw" ? { weightDecay, finalWeightDecay } : {};
}

const TITLES = { sgd: "SGD", lars: "LARS", larc: "LARC", adamw: "AdamW", muon: "Muon" } as const;

/**
 * A clause that says whether a run counts as short or long, and which optimiser the other kind has.
 *
 * @param defaults the method's own training for this situation.
 * @param optimizer the run's optimiser. If it was chosen by hand, the result is null.
 */
export function lengthRemark(
  { training, defaults }: Pick<CatalogueMethod, "training" | "defaults">,
  optimizer: TrainingDefaults["optimizer"],
  situation: Situation,
): string | null {
  const at = (steps: number) => {
    const there = { ...situation, epochs: (situation.epochs * steps) / stepsOf(situation) };
    return training(defaults(there), there).optimizer;
  };
  const steps = stepsOf(situation);
  if (steps < 1 || optimizer !== at(steps)) return null;
  const side = isShort(situation) ? "short" : "long";
  const other = at(isShort(situation) ? AUTHORS_FROM : SHORT_UP_TO);
  const count = Math.round(steps);
  const length = `${count.toLocaleString("en-US")} ${count === 1 ? "step" : "steps"}`;
  const run = `${side} run (${length}): ${TITLES[optimizer]}`;
  if (other === optimizer) return null;
  const limit = LONG_RUN.toLocaleString("en-US");
  return isShort(situation)
    ? `${run}; from ${limit} steps on it is ${TITLES[other]}`
    : `${run}; below ${limit} steps it is ${TITLES[other]}`;
}

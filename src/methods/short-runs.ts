/**
 * Settings that differ in short runs. Authors' settings are for hundreds of epochs of a large data set: LARS
 * and SGD have hardly moved a network where a run ends after some thousand steps, as it does on a folder of
 * some thousand pictures. AdamW, whose steps do not depend on the size of gradients, has. Neither is there
 * time to learn from the smallest crops, or through a deep head.
 *
 * Numbers go from those of short runs to the authors' over a factor of four in steps, so that a longer run
 * differs little from a slightly shorter one. What cannot lie between two values changes in the middle, at
 * once: the optimiser, and choices such as a norm or a bound.
 */
import { squareRootScaling } from "../optim/schedule.ts";
import { between } from "./between.ts";
import type { Method, Situation, TrainingDefaults } from "./method.ts";

/** Optimiser steps from which on a run has its authors' optimiser. */
export const LONG_RUN = 20_000;

/**
 * Steps up to which a run has all settings of short ones, and from which on its authors'. CIFAR's usual runs
 * have 40,000.
 */
export const [SHORT_UP_TO, AUTHORS_FROM] = [LONG_RUN / 2, LONG_RUN * 2] as const;

/** Peak learning rates for batches of 64; they grow with the square root of the batch, as gradients' noise falls with it. */
const RATES: Readonly<Record<Situation["family"], number>> = { resnet: 3e-3, vit: 1e-3 };

type Training<S extends object> = Method<S>["training"];
type Defaults<S extends object> = Method<S>["defaults"];

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
 * How much of a moving average stays at a step, at the start: one that looks back over a hundredth of the run, up to 0.995. That
 * of a long run would still be near to where it began when a short one ends.
 *
 * @param least for runs so short that it would be less.
 */
export function shortMomentum(situation: Situation, least: number): number {
  return Math.max(least, Math.round(1000 - 100_000 / stepsOf(situation)) / 1000);
}

/**
 * Area of the crops that are contrasted, as a share: from half of a picture in runs of 400 steps and fewer, which learn little
 * from less, to a fifth from 1,200 steps on, as MoCo's. Methods that predict a moving target instead
 * keep to halves for as long as runs are short.
 */
export function contrastedCrop(situation: Situation): [number, number] {
  const least = 0.5 - (0.3 * (stepsOf(situation) - 400)) / 800;
  return [Math.round(100 * Math.min(0.5, Math.max(0.2, least))) / 100, 1];
}

/**
 * Settings between those of short and of long runs, by the number of steps.
 *
 * @param long complete settings.
 * @param short those that differ in short runs.
 */
export function settingsByLength<S extends object>(
  long: Defaults<S>,
  short: (situation: Situation) => Partial<S>,
): Defaults<S> {
  return (situation) => between(long(situation), short(situation), lengthOf(situation));
}

/** The same for settings that mean something only together: they all change in the middle. */
export function settingsAtOnce<S extends object>(
  long: Defaults<S>,
  short: (situation: Situation) => Partial<S>,
): Defaults<S> {
  return (situation) => ({ ...long(situation), ...(isShort(situation) ? short(situation) : {}) });
}

/**
 * @param authors the optimiser of long runs.
 * @param short what differs in short ones, for this method, from AdamW with a warm-up and a cosine to 0.
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

function shortTraining(long: TrainingDefaults, { batchSize, epochs, family }: Situation): TrainingDefaults {
  return {
    ...decayOf(long),
    optimizer: "adamw",
    learningRate: squareRootScaling(RATES[family], batchSize, 64),
    finalLearningRate: 0,
    warmupEpochs: epochs * 0.1,
    inclusiveWarmup: long.inclusiveWarmup,
    clip: long.clip,
    ...(long.beta2 === undefined ? {} : { beta2: long.beta2 }),
  };
}

/** What goes from short to long runs by degrees where the optimiser stays the same. */
function numbersOf(training: TrainingDefaults) {
  const { learningRate, finalLearningRate, warmupEpochs, weightDecay, finalWeightDecay } = training;
  return { learningRate, finalLearningRate, warmupEpochs, weightDecay, finalWeightDecay };
}

/** AdamW's decay does not add to the gradient, so that other optimisers' values mean nothing here. */
function decayOf({ optimizer, weightDecay, finalWeightDecay }: TrainingDefaults) {
  return optimizer === "adamw"
    ? { weightDecay, finalWeightDecay }
    : { weightDecay: 0.01, finalWeightDecay: 0.01 };
}

const TITLES = { sgd: "SGD", lars: "LARS", larc: "LARC", adamw: "AdamW", muon: "Muon" } as const;

/**
 * Which side of the change a run is on, as a clause.
 *
 * @param defaults the method's own training for this situation.
 * @param optimizer the one that the run has; null is returned where that was chosen by hand.
 */
export function lengthRemark(
  { training, defaults }: Pick<Method, "training" | "defaults">,
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
  const run = `${side} run (${Math.round(steps).toLocaleString("en-US")} steps): ${TITLES[optimizer]}`;
  if (other === optimizer) return null;
  const limit = LONG_RUN.toLocaleString("en-US");
  return isShort(situation)
    ? `${run}; from ${limit} steps on it is ${TITLES[other]}`
    : `${run}; below ${limit} steps it is ${TITLES[other]}`;
}

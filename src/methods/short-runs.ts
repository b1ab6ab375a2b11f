/**
 * What runs of few steps need else than long ones. Authors' settings are for hundreds of epochs of a large data set: LARS and
 * SGD have hardly moved a network where a run ends after some thousand steps, as it does on a folder of some thousand
 * pictures. AdamW, whose steps do not depend on the size of gradients, has. Neither is there time to learn from the smallest
 * crops, or through a deep head.
 */
import { squareRootScaling } from "../optim/schedule.ts";
import type { Method, Situation, TrainingDefaults } from "./method.ts";

/** Optimiser steps from which on a run is long enough for its authors' settings. CIFAR's usual runs have 40,000 and more. */
export const LONG_RUN = 20_000;

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
 * @param long complete settings.
 * @param short those that are otherwise in short runs.
 */
export function settingsByLength<S extends object>(
  long: Defaults<S>,
  short: (situation: Situation) => Partial<S>,
): Defaults<S> {
  return (situation) => ({ ...long(situation), ...(isShort(situation) ? short(situation) : {}) });
}

/**
 * @param authors the optimiser of long runs.
 * @param short what this method needs else in short ones than AdamW with a warm-up and a cosine to 0.
 */
export function trainingByLength<S extends object>(
  authors: Training<S>,
  short: (situation: Situation) => Partial<TrainingDefaults> = () => ({}),
): Training<S> {
  return (settings, situation) => {
    const long = authors(settings, situation);
    if (!isShort(situation)) return long;
    const { batchSize, epochs, family } = situation;
    return {
      ...decayOf(long),
      optimizer: "adamw",
      learningRate: squareRootScaling(RATES[family], batchSize, 64),
      finalLearningRate: 0,
      warmupEpochs: epochs * 0.1,
      inclusiveWarmup: long.inclusiveWarmup,
      clip: long.clip,
      ...(long.beta2 === undefined ? {} : { beta2: long.beta2 }),
      ...short(situation),
    };
  };
}

/** AdamW's decay does not add to the gradient, so that other optimisers' values mean nothing here. */
function decayOf({ optimizer, weightDecay, finalWeightDecay }: TrainingDefaults) {
  return optimizer === "adamw"
    ? { weightDecay, finalWeightDecay }
    : { weightDecay: 0.01, finalWeightDecay: 0.01 };
}

/**
 * Settings that differ in short runs. Authors' settings are for hundreds of epochs on a large data set. A run
 * on a folder of a few thousand pictures ends after a few thousand steps. By then LARS and SGD have hardly
 * moved a network, but AdamW has, because its steps do not depend on the size of gradients. A short run also
 * cannot learn from the smallest crops, or through a deep head.
 */
import { squareRootScaling } from "../optim/schedule.ts";
import type { Method, Situation, TrainingDefaults } from "./method.ts";

/**
 * The number of optimiser steps from which a run uses its authors' settings. Usual runs on CIFAR have 40,000
 * and more.
 */
export const LONG_RUN = 20_000;

/**
 * Peak learning rates for batches of 64. They grow with the square root of the batch size, as the noise of
 * gradients falls.
 */
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
 * @param long complete settings.
 * @param short the settings that differ in short runs.
 */
export function settingsByLength<S extends object>(
  long: Defaults<S>,
  short: (situation: Situation) => Partial<S>,
): Defaults<S> {
  return (situation) => ({ ...long(situation), ...(isShort(situation) ? short(situation) : {}) });
}

/**
 * @param authors the optimiser of long runs.
 * @param short where this method differs, in short runs, from AdamW with a warm-up and a cosine to 0.
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

/** AdamW's decay is not added to the gradient, so other optimisers' values have no meaning here. */
function decayOf({ optimizer, weightDecay, finalWeightDecay }: TrainingDefaults) {
  return optimizer === "adamw"
    ? { weightDecay, finalWeightDecay }
    : { weightDecay: 0.01, finalWeightDecay: 0.01 };
}

/** The settings of SimMIM, and their values in long and in short runs. */
import * as z from "zod";
import type { Situation } from "../../objectives/situation.ts";
import { linearScaling } from "../../optim/schedule.ts";
import { gridSide } from "../parts/patch-grid.ts";
import { bySize } from "./largeness.ts";
import type { Recipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";
import { byLength } from "./short-runs.ts";

export const simmimSettings = z.strictObject({
  maskRatio: z.number().positive().max(1).describe("share of hidden blocks"),
  maskUnit: z.int().positive().describe("side of a block, in pixels; a block is hidden as a whole"),
  feature: z
    .enum(["class", "mean"])
    .describe("feature of a picture: its class token, or the mean of its patches"),
  cropScale,
});
export type SimmimSettings = z.infer<typeof simmimSettings>;

/**
 * The authors' recipe: microsoft/SimMIM `config.py` and `configs/vit_base__800ep`; blocks are scaled to the
 * size of the pictures.
 */
const authors: Recipe<SimmimSettings> = {
  defaults: (situation) => ({
    maskRatio: 0.6,
    maskUnit: maskUnitFor(situation),
    feature: "mean",
    cropScale: [0.67, 1],
  }),
  training: (_settings, { batchSize, epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(bySize(pictures, 4e-3, 1e-4), batchSize, 512),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [0.875],
    warmupEpochs: Math.min(10, epochs * 0.1),
    inclusiveWarmup: false,
    weightDecay: 0.05,
    finalWeightDecay: 0.05,
    clip: 5,
  }),
};

/**
 * The recipe for runs of every length. In short runs only the optimiser and its schedule differ.
 *
 *     command  npm run quality -- --methods simmim --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 37 epochs
 *     score    kNN 48.6 ± 0.5 %, linear probe 54.3 ± 1.2 %
 */
export const simmimRecipe = byLength(authors);

/**
 * The smallest block of at least a seventh of the picture's side (32 of 224 pixels), with three or more in a
 * row.
 */
function maskUnitFor(situation: Situation): number {
  const { imageSize, multipleOf } = situation;
  const side = gridSide(situation);
  const units = Array.from({ length: side }, (_, i) => i + 1).filter((n) => side % n === 0 && side / n >= 3);
  return multipleOf * (units.find((unit) => unit * multipleOf * 7 >= imageSize) ?? units.at(-1) ?? 1);
}

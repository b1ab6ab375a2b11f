/** The settings of fine-tuning, and their defaults. */
import * as z from "zod";
import type { Situation } from "../../objectives/situation.ts";
import { squareRootScaling } from "../../optim/schedule.ts";
import type { Recipe } from "./recipe.ts";
import { cropScale } from "./shares.ts";

/** The first layers of a projection head that are kept between the encoder and the classifier. */
const keptHead = z.strictObject({
  layers: z.int().min(1),
  width: z.int().positive(),
  norm: z.union([z.boolean(), z.literal("group")]),
});

/** The method that pre-trained the encoder: an encoder may be more than its backbone. */
const source = z.strictObject({ name: z.string(), settings: z.record(z.string(), z.unknown()) });

const share = z.number().min(0).max(1);

export const fineTuningSettings = z.strictObject({
  task: z
    .enum(["classes", "several", "numbers"])
    .describe("classes: one class a picture; several: any labels a picture; numbers: numbers to predict"),
  outputs: z.int().min(1).describe("classes, labels or numbers to predict"),
  source: source.nullable().describe("method that pre-trained the encoder; null for none"),
  keptHead: keptHead.nullable().describe("layers of the projection head that are kept; null for none"),
  headLayers: z.int().min(1).max(4).describe("linear layers of the classifier"),
  headWidth: z.int().positive().nullable().describe("hidden width of the classifier; null is the features'"),
  dropout: z.number().min(0).lt(1).describe("share of the features that the classifier drops"),
  freeze: z
    .union([z.int().min(0), z.literal("all")])
    .describe("layers of the encoder that stand still, from the first one; all: only the classifier learns"),
  headEpochs: z
    .int()
    .min(0)
    .describe("epochs in which the classifier first learns alone, from features of the whole pictures"),
  backboneRate: share.describe("factor of the learning rate for the encoder"),
  layerDecay: z
    .number()
    .positive()
    .max(1)
    .describe("factor of the learning rate from each layer to the one before"),
  smoothing: z.number().min(0).lt(1).describe("label smoothing"),
  mixup: z.number().min(0).describe("mixup's λ is drawn from Beta(mixup, mixup); 0 for no mixup"),
  cutmix: z.number().min(0).describe("cutmix's λ is drawn from Beta(cutmix, cutmix); 0 for no cutmix"),
  mixProbability: share.describe("share of the batches that are mixed"),
  erasing: share.describe("share of the pictures of which a random box is erased"),
  classWeights: z
    .array(z.number().positive())
    .nullable()
    .describe("weight of each class (or of each label's positives) in the loss; null for none"),
  average: z.number().min(0).lt(1).describe("momentum of the average of the weights; 0 for none"),
  cropScale,
  flip: share.describe("share of the pictures that are mirrored"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter; 0 for none"),
});
export type FineTuningSettings = z.infer<typeof fineTuningSettings>;

/** Settings that follow from the labels and from the encoder's own run; they have no defaults. */
export type FineTuningFacts = Pick<FineTuningSettings, "task" | "outputs" | "source" | "keptHead">;

/** Placeholders for the facts until they are known, because fine-tuning's settings include them. */
const NO_FACTS: FineTuningFacts = { task: "classes", outputs: 2, source: null, keptHead: null };

/**
 * The learning rates are for batches of 64. A ViT's layer-wise decay is .75 (BEiT and MAE have .65 to .75).
 */
export const fineTuningRecipe: Recipe<FineTuningSettings> = {
  defaults: ({ family }) => ({
    ...NO_FACTS,
    headLayers: 1,
    headWidth: null,
    dropout: 0,
    freeze: 0,
    headEpochs: 100,
    backboneRate: 1,
    layerDecay: family === "vit" ? 0.75 : 0.8,
    smoothing: 0.1,
    mixup: 0,
    cutmix: 0,
    mixProbability: 1,
    erasing: 0,
    classWeights: null,
    average: 0.99,
    cropScale: [0.5, 1],
    flip: 0.5,
    colourStrength: 0.25,
  }),
  training: (_settings, { batchSize, epochs, family }: Situation) => ({
    optimizer: "adamw",
    learningRate: squareRootScaling(family === "vit" ? 5e-4 : 1e-3, batchSize, 64),
    finalLearningRate: 0,
    warmupEpochs: epochs * 0.1,
    inclusiveWarmup: false,
    weightDecay: 0.05,
    finalWeightDecay: 0.05,
    clip: null,
  }),
};

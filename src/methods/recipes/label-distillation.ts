/** The settings of the distillation of labels, and their defaults. */
import * as z from "zod";
import type { Situation } from "../../objectives/situation.ts";
import { squareRootScaling } from "../../optim/schedule.ts";
import { fineTuningSettings } from "./fine-tuning.ts";
import type { Recipe } from "./recipe.ts";

/** The settings that make a network from an encoder. */
const network = fineTuningSettings.pick({ source: true, keptHead: true, headLayers: true, headWidth: true });

/** The network to learn from: a run that learned from labels, by a hash of its weights. */
const teacher = z.strictObject({
  run: z.string(),
  step: z.int().nonnegative(),
  weights: z.string(),
  imageSize: z.int().positive(),
  backbone: z.strictObject({ name: z.string(), settings: z.record(z.string(), z.unknown()) }),
  ...network.shape,
});

const views = fineTuningSettings.pick({ cropScale: true, flip: true, colourStrength: true });

export const labelDistillationSettings = z.strictObject({
  ...fineTuningSettings.pick({ task: true, outputs: true }).shape,
  teacher: teacher.describe("network that the student learns from, with a hash of its weights"),
  temperature: z.number().positive().describe("temperature of the outputs of teacher and student"),
  labelWeight: z.number().min(0).lt(1).describe("weight 1 - α of the pictures' own labels in the loss"),
  ...network.shape,
  ...fineTuningSettings.pick({ dropout: true, average: true }).shape,
  ...views.shape,
});
export type LabelDistillationSettings = z.infer<typeof labelDistillationSettings>;
export type TeacherSettings = LabelDistillationSettings["teacher"];

/** Settings that follow from the teacher and from where the student begins; they have no defaults. */
export type LabelDistillationFacts = Pick<
  LabelDistillationSettings,
  "task" | "outputs" | "teacher" | "source"
>;

/** Placeholders for the facts until they are known, because the settings include them. */
const NO_FACTS: LabelDistillationFacts = {
  ...{ task: "classes", outputs: 2, source: null },
  teacher: {
    ...{ run: "", step: 0, weights: "", imageSize: 1, backbone: { name: "resnet18", settings: {} } },
    ...{ source: null, keptHead: null, headLayers: 1, headWidth: null },
  },
};

/**
 * As fine-tuning from random weights: AdamW, with learning rates for batches of 64. The views are crops and
 * flips without changes of colour, as in the paper.
 */
export const labelDistillationRecipe: Recipe<LabelDistillationSettings> = {
  defaults: () => ({
    ...NO_FACTS,
    ...{ temperature: 1, labelWeight: 0 },
    ...{ keptHead: null, headLayers: 1, headWidth: null, dropout: 0, average: 0.99 },
    ...{ cropScale: [0.5, 1], flip: 0.5, colourStrength: 0 },
  }),
  training: (_settings, { batchSize, epochs, family }: Situation) => ({
    optimizer: "adamw",
    learningRate: squareRootScaling(family === "vit" ? 1e-3 : 3e-3, batchSize, 64),
    finalLearningRate: 0,
    warmupEpochs: epochs * 0.1,
    inclusiveWarmup: false,
    weightDecay: 0.05,
    finalWeightDecay: 0.05,
    clip: null,
  }),
};

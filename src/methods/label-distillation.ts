/**
 * Distillation of labels: a student learns the softened outputs of a network that was fine-tuned, the third
 * step of SimCLR v2.
 */
import { resizeView } from "../augment/resize-view.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { restoreBackbone } from "../backbones/index.ts";
import { binaryCrossEntropy } from "../losses/binary-cross-entropy.ts";
import { distillation } from "../losses/distillation.ts";
import { softCrossEntropy } from "../losses/soft-cross-entropy.ts";
import { squaredError } from "../losses/squared-error.ts";
import { classifierHead } from "../nn/classifier-head.ts";
import { oneHot } from "../nn/one-hot.ts";
import type { Scope } from "../nn/scope.ts";
import type { Method } from "../objectives/method.ts";
import type { LossContext, Objective } from "../objectives/objective.ts";
import { classTarget, type RowTarget } from "../objectives/target.ts";
import {
  add,
  argmax,
  cast,
  div,
  equal,
  mean,
  mul,
  reshape,
  sigmoid,
  stopGradient,
  sub,
  type Tensor,
} from "../tensor/index.ts";
import { LABEL_DISTILLATION } from "./find-method.ts";
import { fineTuningView, sourceEncoder, warmAverage } from "./fine-tuning.ts";
import {
  type LabelDistillationSettings,
  labelDistillationRecipe,
  labelDistillationSettings,
  type TeacherSettings,
} from "./recipes/label-distillation.ts";
import { simclrV2 } from "./simclr-v2.ts";

export type { LabelDistillationSettings, TeacherSettings } from "./recipes/label-distillation.ts";

/** The path of the teacher's weights. */
export const GIVEN_TEACHER = "given";
/** Target: 1 for a picture with labels, 0 for one without. Classes say it by the class -1. */
export const LABELLED = "labelled";
const PICTURE = "picture";

export const labelDistillation: Method<LabelDistillationSettings> = {
  name: LABEL_DISTILLATION,
  title: "Distillation of labels",
  paper: simclrV2.paper,
  idea: "a student learns the softened outputs of a fine-tuned network",
  settings: labelDistillationSettings,
  ...labelDistillationRecipe,
  // The average of the weights, or the network itself if there is none (`average` is 0).
  encoder: "teacher",
  encoderOf: (backbone, { source }) => sourceEncoder(backbone, source),
  advice: {
    "collapsed-features": "Lower the learning rate",
    "loss-at-collapse": "Lower the learning rate",
    "loss-not-falling": "Check that the pictures are such as the teacher knows, or raise the learning rate",
  },
  objective: (settings, { imageSize, multipleOf }): Objective => ({
    views: [{ name: PICTURE, views: [fineTuningView(settings, viewSize(settings, imageSize, multipleOf))] }],
    targets: settings.labelWeight === 0 ? [] : targetsOf(settings),
    teacher: { momentum: () => warmAverage(settings.average), averagesAll: true },
    given: GIVEN_TEACHER,
    couplesBatch: false,
    embed({ scope, backbone, views }) {
      const pictures = views[PICTURE] as Tensor;
      const encoder = sourceEncoder(backbone, settings.source);
      const seen = resizeView(pictures, imageSize);
      return {
        student: logitsOf(scope, encoder, seen, settings),
        teacher: taughtLogits(scope, pictures, settings),
      };
    },
    loss: (embeddings, context) => {
      const { student, teacher } = embeddings as { student: Tensor; teacher: Tensor };
      return {
        loss: mixedLoss(student, stopGradient(teacher), settings, context),
        ...(settings.task === "classes" && { metrics: { agreement: agreement(student, teacher) } }),
      };
    },
  }),
};

/** Both networks see the same views, made at the larger of their sizes, in whole patches of the student. */
function viewSize({ teacher }: LabelDistillationSettings, imageSize: number, multipleOf: number): number {
  return Math.ceil(Math.max(imageSize, teacher.imageSize) / multipleOf) * multipleOf;
}

type HeadSettings = Pick<LabelDistillationSettings, "keptHead" | "headLayers" | "headWidth">;

function logitsOf(
  scope: Scope,
  encoder: Backbone,
  pictures: Tensor,
  settings: HeadSettings & Pick<LabelDistillationSettings, "outputs" | "dropout">,
): Tensor {
  const { features } = encoder.build(scope.at("backbone"), pictures);
  return classifierHead(scope, features, settings);
}

/** The teacher's logits, as in evaluation: with running statistics and without noise. */
function taughtLogits(
  root: Scope,
  pictures: Tensor,
  { teacher, outputs }: LabelDistillationSettings,
): Tensor {
  const scope = root.at(GIVEN_TEACHER).with({ training: false, trainable: false });
  const seen = resizeView(pictures, teacher.imageSize);
  return logitsOf(scope, teacherEncoder(teacher), seen, { ...teacher, outputs, dropout: 0 });
}

/** The teacher's encoder, from the settings of its run. */
export function teacherEncoder({ backbone, source }: TeacherSettings): Backbone {
  return sourceEncoder(restoreBackbone(backbone.name, backbone.settings), source);
}

function targetsOf({ task, outputs }: LabelDistillationSettings): RowTarget[] {
  if (task === "classes") return [classTarget()];
  const name = task === "several" ? "labels" : "numbers";
  return [
    { name, per: "picture", dtype: "float32", shape: [outputs] },
    { name: LABELLED, per: "picture", dtype: "float32", shape: [] },
  ];
}

/**
 * Equation 3: (1 - α) · the loss of the labels + α · that of the teacher's outputs, α = 1 - `labelWeight`.
 * Both are means over all pictures of the batch; a picture without a label adds 0 to the first, as in the
 * equation's sums.
 */
function mixedLoss(
  student: Tensor,
  teacher: Tensor,
  settings: LabelDistillationSettings,
  context: LossContext,
): Tensor {
  const { labelWeight } = settings;
  const imitation = imitationLoss(student, teacher, settings);
  if (labelWeight === 0) return imitation;
  return add(mul(labelLoss(student, settings, context), labelWeight), mul(imitation, 1 - labelWeight));
}

/** Of classes equation 2. Of several labels the same for each label, absent or present. */
function imitationLoss(
  student: Tensor,
  teacher: Tensor,
  { task, temperature }: LabelDistillationSettings,
): Tensor {
  if (task === "classes") return distillation({ student, teacher, temperature });
  if (task === "numbers") return squaredError(student, teacher);
  return binaryCrossEntropy(div(student, temperature), sigmoid(div(teacher, temperature)));
}

/** The loss of fine-tuning, of which pictures without labels are no part. */
function labelLoss(student: Tensor, { task, outputs }: LabelDistillationSettings, { targets }: LossContext) {
  if (task === "classes") return softCrossEntropy(student, oneHot(targets.label as Tensor, outputs), 1);
  const labelled = targets[LABELLED] as Tensor; // [B]
  const counts = reshape(labelled, [labelled.size, 1]);
  const logits = mul(student, counts);
  if (task === "numbers") return squaredError(logits, mul(targets.numbers as Tensor, counts));
  // A logit of 0 has a loss of ln 2, whatever the label.
  const left = mul(sub(1, mean(labelled)), Math.LN2);
  return sub(binaryCrossEntropy(logits, mul(targets.labels as Tensor, counts)), left);
}

/** The share of pictures for which both networks find the same class the most probable. */
function agreement(student: Tensor, teacher: Tensor): Tensor {
  return mean(cast(equal(argmax(student, -1), argmax(teacher, -1)), "float32"));
}

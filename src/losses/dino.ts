import {
  add,
  logSoftmax,
  mean,
  mul,
  neg,
  type Operand,
  reshape,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";
import { crossCropEntropy } from "./cross-crop-entropy.ts";
import { stackCrops } from "./stack-crops.ts";

/** Axes: V crops for the student, G ≤ V of them (the global ones) for the teacher too; B pictures, K outputs. */
export interface DinoInputs {
  /**
   * The student's logits, global crops first and in the teacher's order. Each is one crop `[B, K]`, or several
   * one after another as `[n, B, K]` (`[n·B, K]` reshaped): fewer, larger tensors are faster.
   */
  student: readonly Tensor[];
  /** The teacher's logits of the global crops, `[B, K]` or `[n, B, K]` each. No gradient passes through them. */
  teacher: readonly Tensor[];
  /** `[K]`, subtracted from the teacher's logits; see {@link nextCentre}. */
  centre: Tensor;
  /** Above 0; 0.1 in the paper. */
  studentTemperature: Operand;
  /** Above 0; 0.04 in the paper, or warmed up from 0.04 to 0.07. */
  teacherTemperature: Operand;
}

export interface DinoResult {
  /** The value of {@link dinoLoss}. */
  loss: Tensor;
  /** The value of {@link teacherEntropy}. */
  teacherEntropy: Tensor;
  /** Mean Kullback–Leibler divergence of the student from the teacher: loss - entropy, in nats. 0 on collapse. */
  kl: Tensor;
}

/**
 * The DINO loss, a scalar in nats: the mean, over all pairs of a teacher's and a student's view that are not the same
 * crop, of the cross-entropy H(softmax((t - centre)/τ_t), softmax(s/τ_s)), and over the batch.
 * A network that gives every picture the uniform distribution has ln K.
 *
 * Source: arXiv 2104.14294, equation 3; `DINOLoss` in the authors' `main_dino.py`. The centre is an argument here and
 * its next value another function, so that the loss can be evaluated twice.
 *
 * @throws AfterimageError `tensor/shape` when B or K differ, or when there are fewer crops than the teacher's or one only.
 */
export function dinoLoss(inputs: DinoInputs): Tensor {
  return dinoLossWithMetrics(inputs).loss;
}

/** {@link dinoLoss} and what tells collapse from learning. What is not used of the result costs nothing. */
export function dinoLossWithMetrics(inputs: DinoInputs): DinoResult {
  const { student, teacher, centre, studentTemperature, teacherTemperature } = inputs;
  const targets = softmax(sharpened(stackCrops(teacher), centre, teacherTemperature)); // [G, B, K]
  const loss = crossCropEntropy({ student, targets, temperature: studentTemperature });
  const entropy = teacherEntropy(teacher, centre, teacherTemperature);
  return { loss, teacherEntropy: entropy, kl: sub(loss, entropy) };
}

/**
 * The next centre, `[K]`: momentum · centre + (1 - momentum) · mean of the teacher's logits over all its rows.
 *
 * Source: arXiv 2104.14294, equation 4; `update_center` in the authors' `main_dino.py`.
 *
 * @param teacherLogits the teacher's logits, `[…, K]`, or a list of such with equally many rows.
 * @param momentum from 0 to 1; 0.9 in the paper.
 */
export function nextCentre(
  centre: Tensor,
  teacherLogits: Tensor | readonly Tensor[],
  momentum: Operand,
): Tensor {
  const views = stackCrops(teacherLogits);
  const batchCentre = mean(stopGradient(views), [0, 1]); // [K]
  const rest = typeof momentum === "number" ? 1 - momentum : sub(1, momentum);
  return add(mul(centre, momentum), mul(reshape(batchCentre, centre.shape), rest));
}

/**
 * Mean entropy of the teacher's centred and sharpened distributions, a scalar in nats, from 0 to ln K. Either end is
 * collapse: 0, where one output always wins (too little centring), and ln K, where all are alike (too little sharpening).
 * Source: arXiv 2104.14294, section 5.3 and figure 7.
 */
export function teacherEntropy(
  teacherLogits: Tensor | readonly Tensor[],
  centre: Tensor,
  temperature: Operand,
): Tensor {
  const views = stackCrops(teacherLogits);
  const logits = stopGradient(sharpened(views, centre, temperature));
  return neg(mean(sum(mul(softmax(logits), logSoftmax(logits)), [-1])));
}

/** (t - centre) / τ, `[G, B, K]`. */
export function sharpened(views: Tensor, centre: Tensor, temperature: Operand): Tensor {
  if (centre.size !== views.shape.at(-1))
    throw shapeError("dinoLoss", "a centre [K] of the same width K as the teacher's logits", [centre, views]);
  return byTemperature(sub(views, reshape(centre, [centre.size])), temperature);
}

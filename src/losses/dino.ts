import {
  add,
  mean,
  mul,
  type Operand,
  reshape,
  softmax,
  stopGradient,
  sub,
  type Tensor,
} from "../tensor/index.ts";
import { crossCropEntropy } from "./cross-crop-entropy.ts";
import { teacherEntropy } from "./metrics/teacher-entropy.ts";
import { sharpened } from "./sharpened.ts";
import { stackCrops } from "./stack-crops.ts";

/**
 * Axes: V crops for the student, G ≤ V of them (the global ones) for the teacher too; B pictures, K outputs.
 */
export interface DinoInputs {
  /**
   * The student's logits, global crops first and in the teacher's order. Each is one crop `[B, K]`, or
   * several one after another as `[n, B, K]` (`[n·B, K]` reshaped): fewer, larger tensors are faster.
   */
  student: readonly Tensor[];
  /**
   * The teacher's logits of the global crops, `[B, K]` or `[n, B, K]` each. No gradient passes through them.
   */
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
  /**
   * Mean Kullback–Leibler divergence of the student from the teacher: loss - entropy, in nats. 0 on collapse.
   */
  kl: Tensor;
}

/**
 * The DINO loss, a scalar in nats: the mean of the cross-entropy H(softmax((t - centre)/τ_t),
 * softmax(s/τ_s)), over the batch and over all pairs of a teacher's view and a student's view that are
 * different crops. A network that gives every picture the uniform distribution has ln K.
 *
 * Source: arXiv 2104.14294, equation 3; `DINOLoss` in the authors' `main_dino.py`. The centre is an argument
 * here and its next value another function, so that the loss can be evaluated twice.
 *
 * @throws AfterimageError `tensor/shape` when B or K differ, or when there are fewer crops than the teacher's
 * or only one.
 */
export function dinoLoss(inputs: DinoInputs): Tensor {
  return dinoLossWithMetrics(inputs).loss;
}

/**
 * {@link dinoLoss} and the metrics that show collapse. Parts of the result that are not used cost nothing.
 */
export function dinoLossWithMetrics(inputs: DinoInputs): DinoResult {
  const { student, teacher, centre, studentTemperature, teacherTemperature } = inputs;
  const targets = softmax(sharpened(stackCrops(teacher), centre, teacherTemperature)); // [G, B, K]
  const loss = crossCropEntropy({ student, targets, temperature: studentTemperature });
  const entropy = teacherEntropy(teacher, centre, teacherTemperature);
  return { loss, teacherEntropy: entropy, kl: sub(loss, entropy) };
}

/**
 * The next centre, `[K]`: momentum · centre + (1 - momentum) · mean of the teacher's logits over all its
 * rows.
 *
 * Source: arXiv 2104.14294, equation 4; `update_center` in the authors' `main_dino.py`.
 *
 * @param teacherLogits the teacher's logits, `[…, K]`, or a list of such tensors with equally many rows.
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

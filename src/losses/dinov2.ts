import { cast, greater, type Operand, reshape, sizeOfAxis, type Tensor } from "../tensor/index.ts";
import { crossCropEntropy } from "./cross-crop-entropy.ts";
import { maskedCrossEntropy } from "./masked-cross-entropy.ts";
import { sinkhornKnopp } from "./sinkhorn-knopp.ts";
import { stackCrops } from "./stack-crops.ts";

interface Temperatures {
  /** Above 0; 0.1 by default, as in the paper. */
  studentTemperature?: Operand;
  /**
   * Divides the teacher's logits before they are assigned; above 0, warmed up from 0.04 to 0.07 in the paper.
   */
  teacherTemperature: Operand;
  /** Iterations of Sinkhorn–Knopp, from 1; 3 by default. */
  iterations?: number;
}

/**
 * Axes: V crops for the student, G ≤ V of them (the global ones) for the teacher too; B pictures, K outputs.
 */
export interface Dinov2ClassInputs extends Temperatures {
  /** The student's logits of all crops, as in {@link crossCropEntropy}. */
  student: readonly Tensor[];
  /**
   * The teacher's logits of the global crops, `[B, K]` or `[n, B, K]` each. No gradient passes through them.
   */
  teacher: readonly Tensor[];
}

/**
 * DINOv2's loss of the class tokens, a scalar in nats: {@link crossCropEntropy} with targets from
 * Sinkhorn–Knopp over the teacher's logits of all global crops together (DINO has a centre and a softmax
 * instead). Nothing is kept from step to step. If all logits are equal, the loss is ln K.
 *
 * Source: DINOv2, arXiv 2304.07193, section 4; `sinkhorn_knopp_teacher` and `forward` in
 * `loss/dino_clstoken_loss.py`, with the weights of `train/ssl_meta_arch.py`: each pair of different crops
 * counts the same.
 *
 * @throws AfterimageError `tensor/shape` when B or K differ, or when there are fewer crops than the teacher's
 * or only one.
 */
export function dinov2ClassLoss(inputs: Dinov2ClassInputs): Tensor {
  const { student, teacher, studentTemperature = 0.1 } = inputs;
  const views = stackCrops(teacher);
  const rows = reshape(views, [-1, sizeOfAxis(views, 2, "dinov2ClassLoss")]); // [G·B, K]
  const targets = reshape(assigned(rows, inputs), views.shape);
  return crossCropEntropy({ student, targets, temperature: studentTemperature });
}

export interface Dinov2PatchInputs extends Temperatures {
  /** The student's logits of patches, `[…, K]`: of all patches, or of those that are masked. */
  student: Tensor;
  /** The teacher's logits of the same patches, of the same shape. No gradient passes through them. */
  teacher: Tensor;
  /**
   * `[…]`, how much each patch counts: {@link maskWeights} of the mask, or the weights of the patches picked.
   */
  weights: Tensor;
}

/**
 * DINOv2's loss of the masked patches, a scalar in nats: {@link maskedCrossEntropy} with targets from
 * Sinkhorn–Knopp over the teacher's logits of all masked patches of the batch together. Patches of weight 0
 * take no part in it. If all logits are equal and every picture has a masked patch, the loss is ln K.
 *
 * Source: DINOv2, arXiv 2304.07193, section 4; `sinkhorn_knopp_teacher`, `forward` and `forward_masked` in
 * `loss/ibot_patch_loss.py`.
 *
 * @throws AfterimageError `tensor/shape` when these do not fit each other.
 */
export function dinov2PatchLoss(inputs: Dinov2PatchInputs): Tensor {
  const { student, teacher, weights, studentTemperature = 0.1 } = inputs;
  const rows = reshape(teacher, [-1, sizeOfAxis(teacher, -1, "dinov2PatchLoss")]); // [rows, K]
  const counted = cast(greater(reshape(weights, [-1]), 0), "float32"); // [rows]
  const targets = reshape(assigned(rows, inputs, counted), teacher.shape);
  return maskedCrossEntropy({ student, targets, weights, temperature: studentTemperature });
}

function assigned(rows: Tensor, { teacherTemperature, iterations }: Temperatures, counted?: Tensor): Tensor {
  return sinkhornKnopp(rows, {
    epsilon: teacherTemperature,
    ...(iterations === undefined ? {} : { iterations }),
    ...(counted === undefined ? {} : { counted }),
  });
}

import { add, mul, type Operand, reshape, softmax, sub, type Tensor } from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";
import { dinoLoss, nextCentre } from "./dino.ts";
import { maskedCrossEntropy, maskWeights } from "./masked-cross-entropy.ts";

/**
 * Axes: G global crops of B pictures, n = G·B, with N patches each; K outputs for class tokens, P for
 * patches.
 */
export interface IbotInputs {
  /**
   * The student's class tokens after its head, all crops, as in {@link dinoLoss}. Global crops come first and
   * are masked.
   */
  studentClass: readonly Tensor[];
  /** The teacher's class tokens after its head, global crops, `[B, K]` or `[m, B, K]` each. */
  teacherClass: readonly Tensor[];
  /** The student's patches of the masked global crops after its head, `[n, N, P]`. */
  studentPatches: Tensor;
  /**
   * The teacher's patches of the same crops, which are not masked for it, `[n, N, P]`. No gradient passes
   * through them.
   */
  teacherPatches: Tensor;
  /** `[n, N]`, float32 of ones and zeros or bool: true where a patch was hidden from the student. */
  mask: Tensor;
  /** `[K]` and `[P]`, subtracted from the teacher's logits; see {@link nextIbotCentres}. */
  classCentre: Tensor;
  patchCentre: Tensor;
  /** Above 0; 0.1 in the paper. */
  studentTemperature: Operand;
  /** The teacher's for class tokens, above 0; 0.04 in the paper, or warmed up to 0.07. */
  classTemperature: Operand;
  /** The teacher's for patches, above 0; warmed up from 0.04 to 0.07 in the paper. */
  patchTemperature: Operand;
  /** λ1 and λ2; 1 by default. */
  classWeight?: Operand;
  patchWeight?: Operand;
}

export interface IbotResult {
  /** The value of {@link ibotLoss}. */
  loss: Tensor;
  /** The DINO loss of the class tokens, not weighted. */
  classLoss: Tensor;
  /** The cross-entropy of the masked patches, not weighted. */
  patchLoss: Tensor;
}

/**
 * The iBOT loss, a scalar in nats: λ1 · {@link dinoLoss} of the class tokens, over pairs of different crops,
 * plus λ2 · the cross-entropy of the masked patches with the teacher's view of the same crop. The second is
 * averaged over the masked patches of a picture, then over pictures and global crops. A picture without
 * masked patches counts as 0. Uniform outputs give λ1 · ln K + λ2 · ln P.
 *
 * Source: iBOT, arXiv 2111.07832, section 3; `iBOTLoss` in the authors' `main_ibot.py`. The centres are
 * arguments here and their next values another function, so that the loss can be evaluated twice.
 *
 * @throws AfterimageError `tensor/shape` when sizes do not fit each other.
 */
export function ibotLoss(inputs: IbotInputs): Tensor {
  return ibotLossWithParts(inputs).loss;
}

/** {@link ibotLoss} and its two parts. Parts of the result that are not used cost nothing. */
export function ibotLossWithParts(inputs: IbotInputs): IbotResult {
  const { studentTemperature, classTemperature, classWeight = 1, patchWeight = 1 } = inputs;
  const classLoss = dinoLoss({
    student: inputs.studentClass,
    teacher: inputs.teacherClass,
    centre: inputs.classCentre,
    studentTemperature,
    teacherTemperature: classTemperature,
  });
  const patchLoss = maskedCrossEntropy({
    student: inputs.studentPatches,
    targets: patchTargets(inputs),
    weights: maskWeights(inputs.mask),
    temperature: studentTemperature,
  });
  return { loss: add(mul(classLoss, classWeight), mul(patchLoss, patchWeight)), classLoss, patchLoss };
}

function patchTargets({ teacherPatches, patchCentre, patchTemperature }: IbotInputs): Tensor {
  if (patchCentre.size !== teacherPatches.shape.at(-1))
    throw shapeError("ibotLoss", "a centre [P] of the same width P as the teacher's patch logits", [
      patchCentre,
      teacherPatches,
    ]);
  const centred = sub(teacherPatches, reshape(patchCentre, [patchCentre.size]));
  return softmax(byTemperature(centred, patchTemperature));
}

/**
 * The next centres, `[K]` and `[P]`: momentum · centre + (1 - momentum) · mean of the teacher's class tokens,
 * and of all its patches, whether or not they are masked for the student.
 *
 * Source: `update_center` in the authors' `main_ibot.py`.
 *
 * @param momenta from 0 to 1; 0.9 each by default, as in the paper.
 */
export function nextIbotCentres(
  inputs: Pick<IbotInputs, "teacherClass" | "teacherPatches" | "classCentre" | "patchCentre">,
  momenta: { classToken?: Operand; patches?: Operand } = {},
): { classCentre: Tensor; patchCentre: Tensor } {
  const { classToken = 0.9, patches = 0.9 } = momenta;
  return {
    classCentre: nextCentre(inputs.classCentre, inputs.teacherClass, classToken),
    patchCentre: nextCentre(inputs.patchCentre, inputs.teacherPatches, patches),
  };
}

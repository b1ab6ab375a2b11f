import { type Operand, softmax, stopGradient, type Tensor } from "../tensor/index.ts";
import { sameShape, shapeError } from "../tensor/tensor.ts";
import { byTemperature } from "./by-temperature.ts";
import { softCrossEntropy } from "./soft-cross-entropy.ts";

export interface DistillationInputs {
  /** The student's logits, `[B, K]`. */
  student: Tensor;
  /** The teacher's logits of the same pictures, `[B, K]`; they get no gradient. */
  teacher: Tensor;
  /** Divides the logits of both; above 0. */
  temperature: Operand;
}

/**
 * How far a student's outputs are from a teacher's, a scalar in nats: the mean over B of -Σ_y P_teacher(y; τ)
 * · log P_student(y; τ), P(y; τ) = softmax(logits / τ)_y. Its minimum is the entropy of the teacher's
 * outputs. It is not multiplied by τ², as in Hinton et al. 2015, arXiv 1503.02531.
 *
 * Source: SimCLR v2, arXiv 2006.10029, equation 2. Equation 3, for pictures of which some have a label, is
 * (1 - α) · `crossEntropy` + α · this.
 *
 * @throws AfterimageError `tensor/shape` when these do not fit each other, `usage/value` for another
 * temperature.
 */
export function distillation({ student, teacher, temperature }: DistillationInputs): Tensor {
  if (student.rank !== 2 || !sameShape(student.shape, teacher.shape))
    throw shapeError("distillation", "logits [B, K] of student and teacher", [student, teacher]);
  const targets = softmax(byTemperature(stopGradient(teacher), temperature));
  return softCrossEntropy(student, targets, temperature);
}

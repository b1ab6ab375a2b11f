import { negativeLogLikelihood } from "../evaluate/predictions/negative-log-likelihood.ts";
import type { Matrix } from "../formats/matrix.ts";
import { type Answers, inUnits, type LabelTask } from "./label-task.ts";
import { asPairs } from "./read-logits.ts";

/**
 * The loss that fine-tuning minimises, without smoothing and weights: cross-entropy in nats. For several
 * labels it is the mean over pairs of a picture and a label. For numbers it is the mean squared error in the
 * units of the network.
 *
 * @param logits `[N, K]`.
 */
export function meanLoss(task: LabelTask, logits: Matrix, answers: Answers): number {
  if (answers.kind === "classes") return negativeLogLikelihood(answers.classes, logits);
  if (answers.kind === "several") return negativeLogLikelihood(answers.rows.data, asPairs(logits));
  const wanted = inUnits(answers.rows, task.scale).data;
  return (
    wanted.reduce((sum, value, at) => sum + (value - (logits.data[at] as number)) ** 2, 0) / wanted.length
  );
}

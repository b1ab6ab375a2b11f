import {
  add,
  log,
  mean,
  mul,
  neg,
  type Operand,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { sharpened } from "../sharpened.ts";
import { stackCrops } from "../stack-crops.ts";
import { teacherEntropy } from "./teacher-entropy.ts";

/** An output that no picture has, p = 0, then adds 0·log(tiny) instead of NaN. */
const TINY = 1e-30;

/**
 * The information about the pictures in the teacher's outputs, a scalar in nats without gradient: the mutual
 * information of rows and outputs, H(p̄) - mean H(p_i), over all n·B rows p_i and their mean p̄. It ranges
 * from 0, if all rows are equal, to ln min(n·B, K). Zero in both kinds of collapse: one output always wins,
 * or all outputs are equal. The entropy is then 0 or ln K. The divergence from the student would be no sign
 * of collapse, because it is also 0 for a student that predicts its teacher perfectly.
 *
 * @param teacherLogits the teacher's logits, `[B, K]` or `[n, B, K]`, or a list of such.
 * @param centre `[K]`, subtracted from them.
 * @param temperature above 0.
 * @throws AfterimageError `tensor/shape` when B or K differ.
 */
export function teacherInformation(
  teacherLogits: Tensor | readonly Tensor[],
  centre: Tensor,
  temperature: Operand,
): Tensor {
  const rows = softmax(stopGradient(sharpened(stackCrops(teacherLogits), centre, temperature))); // [n, B, K]
  const p = mean(rows, [0, 1]);
  const ofMean = neg(sum(mul(p, log(add(p, TINY)))));
  return sub(ofMean, teacherEntropy(teacherLogits, centre, temperature));
}

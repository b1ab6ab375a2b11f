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
} from "../tensor/index.ts";
import { sharpened, teacherEntropy } from "./dino.ts";
import { stackCrops } from "./stack-crops.ts";

/** So that an output that no picture has, p = 0, adds 0·log(tiny) and not NaN. */
const TINY = 1e-30;

/**
 * How much the teacher's outputs tell of the pictures, a scalar in nats without gradient: the mutual information of rows and
 * outputs, H(p̄) - mean H(p_i), over all n·B rows p_i and their mean p̄. From 0, where all rows are alike, to ln min(n·B, K). It
 * is 0 on either collapse, where one output always wins as where all are equal, which entropy tells by its two ends; and a
 * student that learned its teacher by heart, whose divergence is 0 too, leaves it as it is.
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

import {
  logSoftmax,
  mean,
  mul,
  neg,
  type Operand,
  softmax,
  stopGradient,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { sharpened } from "../sharpened.ts";
import { stackCrops } from "../stack-crops.ts";

/**
 * Mean entropy of the teacher's centred and sharpened distributions, a scalar in nats, from 0 to ln K. Both
 * ends are collapse: 0 if one output always wins (too little centring), and ln K if all outputs are equal
 * (too little sharpening). Source: arXiv 2104.14294, section 5.3 and figure 7.
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

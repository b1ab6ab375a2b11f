import {
  add,
  mul,
  type Operand,
  sizeOfAxis,
  sliceAxis,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { softCrossEntropy } from "./soft-cross-entropy.ts";
import { asCrops } from "./stack-crops.ts";

/** Axes: V crops, G ≤ V of them with a target; B pictures, K outputs. */
export interface CrossCropInputs {
  /**
   * Logits of all crops, those with a target first. Each is one crop `[B, K]`, or several one after another
   * as `[n, B, K]` (`[n·B, K]` reshaped): fewer, larger tensors are faster.
   */
  student: readonly Tensor[];
  /** Distributions over the K outputs for the first G crops, `[G, B, K]`. No gradient passes through them. */
  targets: Tensor;
  /** Divides the logits; above 0. */
  temperature: Operand;
}

/**
 * Cross-entropy between crops: each crop predicts the targets of the others. A scalar in nats: the mean, over
 * the batch and over all pairs of a target and a different crop, of the cross-entropy of softmax(logits /
 * temperature). Uniform logits give ln K.
 *
 * The loss of DINO (arXiv 2104.14294, equation 3), SwAV (arXiv 2006.09882, equation 2 and section 3.2) and
 * DINOv2 (arXiv 2304.07193, section 4), which differ in where their targets come from.
 *
 * @throws AfterimageError `tensor/shape` when B or K differ, or when there are fewer crops than targets or
 * only one crop.
 */
export function crossCropEntropy({ student, targets, temperature }: CrossCropInputs): Tensor {
  const crops = student.map(asCrops);
  const count = crops.reduce((total, { shape }) => total + sizeOfAxis(shape, 0, "crossCropEntropy"), 0);
  const globals = sizeOfAxis(targets, 0, "crossCropEntropy");
  requireFit(crops, targets, count);
  const terms = pairWithTargets(crops, stopGradient(targets)).map(({ logits, target }) =>
    mul(
      softCrossEntropy(logits, target, temperature),
      sizeOfAxis(logits, 0, "crossCropEntropy") / (globals * (count - 1)),
    ),
  );
  return terms.reduce((total, term) => add(total, term));
}

/**
 * The crops, in order, each with the sum of the targets of all other crops. One sum is enough because
 * cross-entropy is linear in its target.
 */
function pairWithTargets(crops: readonly Tensor[], targets: Tensor): { logits: Tensor; target: Tensor }[] {
  const globals = sizeOfAxis(targets, 0, "crossCropEntropy");
  const every = sum(targets, [0], true); // [1, B, K]
  let first = 0;
  return crops.flatMap((logits) => {
    const start = first;
    const views = sizeOfAxis(logits, 0, "crossCropEntropy");
    first += views;
    const split = Math.min(Math.max(globals - start, 0), views);
    const pairs: { logits: Tensor; target: Tensor }[] = [];
    if (split > 0) {
      const own = sliceAxis(targets, 0, start, start + split);
      pairs.push({ logits: sliceAxis(logits, 0, 0, split), target: sub(every, own) });
    }
    if (split < views) pairs.push({ logits: sliceAxis(logits, 0, split, views), target: every });
    return pairs;
  });
}

function requireFit(crops: readonly Tensor[], targets: Tensor, count: number): void {
  const [globals, ...rows] = targets.shape;
  const fits = targets.rank === 3 && crops.every(({ shape }) => shape[1] === rows[0] && shape[2] === rows[1]);
  if (!fits || count < globals! || count < 2)
    throw shapeError("a loss across crops", "at least two student crops [B, K], those of the teacher first", [
      ...crops,
      targets,
    ]);
}

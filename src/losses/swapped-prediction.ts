import {
  concat,
  full,
  mul,
  type Operand,
  shapeOf,
  sizeOfAxis,
  sliceAxis,
  type Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { crossCropEntropy } from "./cross-crop-entropy.ts";
import { sinkhornKnopp } from "./sinkhorn-knopp.ts";
import { asCrops } from "./stack-crops.ts";

/** Axes: V crops, G of them assigned to prototypes; B pictures, K prototypes, Q rows of the queue. */
export interface SwappedPredictionInputs {
  /**
   * Products of all crops' normalised embeddings with the prototypes, in [-1, 1]; the assigned crops come
   * first. Each is one crop `[B, K]`, or several one after another as `[n, B, K]`.
   */
  scores: readonly Tensor[];
  /** The number of crops that are assigned, from 1; 2 by default, the large ones. */
  assigned?: number;
  /**
   * `[G, Q, K]`: for each assigned crop, the scores of earlier embeddings with the present prototypes. They
   * are assigned along with the batch, so that few rows are not spread over many prototypes, and then
   * dropped.
   */
  queue?: Tensor;
  /**
   * A scalar, 1 or 0: whether the queue takes part. With it one graph also serves while the queue is filling.
   * 1 by default.
   */
  queueCounts?: Tensor;
  /** Divides the scores that predict; above 0. 0.1 in the paper. */
  temperature: Operand;
  /** Divides the scores that are assigned; above 0. 0.05 in the paper. */
  epsilon: Operand;
  /** Iterations of Sinkhorn–Knopp, from 1; 3 by default. */
  iterations?: number;
}

/**
 * SwAV's loss, a scalar in nats: the cross-entropy with which every crop predicts, by softmax(scores /
 * temperature), the prototypes that Sinkhorn–Knopp assigns to each of the other assigned crops. It is the
 * mean over these pairs of crops and over the batch. If all scores are equal, it is ln K. The assignments get
 * no gradient.
 *
 * Each assigned crop is spread over the prototypes separately, as in the authors' code.
 *
 * Source: SwAV, arXiv 2006.09882, equations 2 and 6; the authors' `main_swav.py`.
 *
 * @throws AfterimageError `tensor/shape` when B or K differ, there are fewer crops than assigned ones or only
 * one, or the queue does not fit.
 */
export function swappedPrediction(inputs: SwappedPredictionInputs): Tensor {
  const { scores, temperature } = inputs;
  return crossCropEntropy({ student: scores, targets: assignmentsOf(inputs), temperature });
}

/** The assignments of the first crops, `[G, B, K]`. */
function assignmentsOf({
  scores,
  assigned = 2,
  queue,
  queueCounts,
  epsilon,
  iterations,
}: SwappedPredictionInputs): Tensor {
  const crops = firstCrops(scores, assigned);
  const [, B, K] = shapeOf(crops, 3, "swappedPrediction");
  if (queue && (queue.rank !== 3 || queue.shape[0] !== assigned || queue.shape[2] !== K))
    throw shapeError("swappedPrediction", `a queue [${assigned}, Q, ${K}]`, [queue, ...scores]);
  const rows = queue ? concat([queue, crops], 1) : crops; // [G, Q + B, K]
  const counted =
    queue && queueCounts
      ? concat([mul(full(queue.shape.slice(0, 2), 1), queueCounts), full([assigned, B], 1)], 1)
      : undefined;
  const assignments = sinkhornKnopp(rows, {
    epsilon,
    ...(iterations === undefined ? {} : { iterations }),
    ...(counted === undefined ? {} : { counted }),
  });
  const all = sizeOfAxis(rows, 1, "swappedPrediction"); // Q + B
  return sliceAxis(assignments, 1, all - B, all);
}

/** The first `count` crops, `[count, B, K]`. */
function firstCrops(scores: readonly Tensor[], count: number): Tensor {
  let missing = count;
  const parts: Tensor[] = [];
  for (const crops of scores.map(asCrops)) {
    const taken = Math.min(missing, sizeOfAxis(crops, 0, "swappedPrediction"));
    if (taken > 0) parts.push(sliceAxis(crops, 0, 0, taken));
    missing -= taken;
  }
  if (missing !== 0 || parts.length === 0)
    throw shapeError("swappedPrediction", `at least ${count} crops to assign, and at least one`, scores);
  return concat(parts);
}

import {
  add,
  concat,
  div,
  logSoftmax,
  mean,
  mul,
  neg,
  type Operand,
  reshape,
  sliceAxis,
  softmax,
  stopGradient,
  sub,
  sum,
  Tensor,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { softCrossEntropy } from "./soft-cross-entropy.ts";

/** Axes: V crops for the student, G ≤ V of them (the global ones) for the teacher too; B pictures, K outputs. */
export interface DinoInputs {
  /**
   * The student's logits, global crops first and in the teacher's order. Each is one crop `[B, K]`, or several
   * one after another as `[n, B, K]` (`[n·B, K]` reshaped): fewer, larger tensors are faster.
   */
  student: readonly Tensor[];
  /** The teacher's logits of the global crops, `[B, K]` or `[n, B, K]` each. No gradient passes through them. */
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
  /** Mean Kullback–Leibler divergence of the student from the teacher: loss - entropy, in nats. 0 on collapse. */
  kl: Tensor;
}

/**
 * The DINO loss, a scalar in nats: the mean, over all pairs of a teacher's and a student's view that are not the same
 * crop, of the cross-entropy H(softmax((t - centre)/τ_t), softmax(s/τ_s)), and over the batch.
 * A network that gives every picture the uniform distribution has ln K.
 *
 * Source: arXiv 2104.14294, equation 3; `DINOLoss` in the authors' `main_dino.py`. The centre is an argument here and
 * its next value another function, so that the loss can be evaluated twice.
 *
 * @throws AfterimageError `tensor/shape` when B or K differ, or when there are fewer crops than the teacher's or one only.
 */
export function dinoLoss(inputs: DinoInputs): Tensor {
  return dinoLossWithMetrics(inputs).loss;
}

/** {@link dinoLoss} and what tells collapse from learning. What is not used of the result costs nothing. */
export function dinoLossWithMetrics(inputs: DinoInputs): DinoResult {
  const { centre, studentTemperature, teacherTemperature } = inputs;
  const { student, teacher } = stackedViews(inputs);
  const targets = stopGradient(softmax(sharpened(teacher, centre, teacherTemperature))); // [G, B, K]
  const globals = targets.shape[0]!;
  const crops = student.reduce((count, { shape }) => count + shape[0]!, 0);
  // Cross-entropy is linear in its target, so the teacher's views of one student's crop are summed first.
  const terms = pairWithTargets(student, targets).map(({ logits, target }) =>
    mul(softCrossEntropy(logits, target, studentTemperature), logits.shape[0]! / (globals * (crops - 1))),
  );
  const loss = terms.reduce((total, term) => add(total, term));
  const entropy = teacherEntropy(inputs.teacher, centre, teacherTemperature);
  return { loss, teacherEntropy: entropy, kl: sub(loss, entropy) };
}

/** The student's crops, in order, each beside the sum of the teacher's views of the other crops. */
function pairWithTargets(student: readonly Tensor[], targets: Tensor): { logits: Tensor; target: Tensor }[] {
  const globals = targets.shape[0]!;
  const everyView = sum(targets, [0], true); // [1, B, K]
  let first = 0;
  return student.flatMap((logits) => {
    const start = first;
    first += logits.shape[0]!;
    const split = Math.min(Math.max(globals - start, 0), logits.shape[0]!);
    const pairs: { logits: Tensor; target: Tensor }[] = [];
    if (split > 0) {
      const own = sliceAxis(targets, 0, start, start + split);
      pairs.push({ logits: sliceAxis(logits, 0, 0, split), target: sub(everyView, own) });
    }
    if (split < logits.shape[0]!)
      pairs.push({ logits: sliceAxis(logits, 0, split, logits.shape[0]!), target: everyView });
    return pairs;
  });
}

/**
 * The next centre, `[K]`: momentum · centre + (1 - momentum) · mean of the teacher's logits over all its rows.
 *
 * Source: arXiv 2104.14294, equation 4; `update_center` in the authors' `main_dino.py`.
 *
 * @param teacherLogits the teacher's logits, `[…, K]`, or a list of such with equally many rows.
 * @param momentum from 0 to 1; 0.9 in the paper.
 */
export function nextCentre(
  centre: Tensor,
  teacherLogits: Tensor | readonly Tensor[],
  momentum: Operand,
): Tensor {
  const views = stack(teacherLogits instanceof Tensor ? [teacherLogits] : teacherLogits);
  const batchCentre = mean(stopGradient(views), [0, 1]); // [K]
  const rest = typeof momentum === "number" ? 1 - momentum : sub(1, momentum);
  return add(mul(centre, momentum), mul(reshape(batchCentre, centre.shape), rest));
}

/**
 * Mean entropy of the teacher's centred and sharpened distributions, a scalar in nats, from 0 to ln K. Either end is
 * collapse: 0, where one output always wins (too little centring), and ln K, where all are alike (too little sharpening).
 * Source: arXiv 2104.14294, section 5.3 and figure 7.
 */
export function teacherEntropy(
  teacherLogits: Tensor | readonly Tensor[],
  centre: Tensor,
  temperature: Operand,
): Tensor {
  const views = stack(teacherLogits instanceof Tensor ? [teacherLogits] : teacherLogits);
  const logits = stopGradient(sharpened(views, centre, temperature));
  return neg(mean(sum(mul(softmax(logits), logSoftmax(logits)), [-1])));
}

/** (t - centre) / τ, `[G, B, K]`. */
function sharpened(views: Tensor, centre: Tensor, temperature: Operand): Tensor {
  if (centre.size !== views.shape.at(-1))
    throw shapeError("dinoLoss", "a centre [K] as wide as the teacher's logits", [centre, views]);
  return div(sub(views, reshape(centre, [centre.size])), temperature);
}

function stackedViews({ student, teacher }: DinoInputs): { student: Tensor[]; teacher: Tensor } {
  const crops = student.map(asCrops);
  const views = stack(teacher);
  const [globals, ...rows] = views.shape;
  const count = crops.reduce((total, { shape }) => total + shape[0]!, 0);
  const fits = crops.every(({ shape }) => shape[1] === rows[0] && shape[2] === rows[1]);
  if (!fits || count < globals! || count < 2)
    throw shapeError("dinoLoss", "student crops [B, K], at least two, the teacher's first", [
      ...student,
      ...teacher,
    ]);
  return { student: crops, teacher: views };
}

/** Logits of one crop or several, as `[n, B, K]`. */
function asCrops(logits: Tensor): Tensor {
  if (logits.rank !== 2 && logits.rank !== 3) throw shapeError("dinoLoss", "[B, K] or [n, B, K]", [logits]);
  return reshape(logits, [logits.rank === 3 ? logits.shape[0]! : 1, ...logits.shape.slice(-2)]);
}

/** All views in one tensor, `[n, B, K]`. */
function stack(views: readonly Tensor[]): Tensor {
  return concat(views.map(asCrops));
}

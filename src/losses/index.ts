/** Objectives: pure functions of symbolic tensors, without state. */
export { cosineSimilarity } from "./cosine-similarity.ts";
export {
  type DinoInputs,
  type DinoResult,
  dinoLoss,
  dinoLossWithMetrics,
  nextCentre,
  teacherEntropy,
} from "./dino.ts";
export { donskerVaradhanBound } from "./donsker-varadhan-bound.ts";
export { type InfoNceOptions, type InfoNceResult, infoNce, infoNceWithAccuracy } from "./info-nce.ts";
export { infoNceBound } from "./info-nce-bound.ts";
export {
  type InvariantSpreadOptions,
  type InvariantSpreadResult,
  invariantSpread,
  invariantSpreadWithTerms,
} from "./invariant-spread.ts";
export { jensenShannonBound } from "./jensen-shannon-bound.ts";
export { marginContrastive } from "./margin-contrastive.ts";
export { type MocoV3Inputs, mocoV3Loss, mocoV3LossWithAccuracy } from "./moco-v3.ts";
export { type NceInputs, type NceSimilarities, nce, nceNormalizer } from "./nce.ts";
export {
  type NonParametricSoftmaxInputs,
  type NonParametricSoftmaxResult,
  nonParametricSoftmax,
  nonParametricSoftmaxWithAccuracy,
} from "./non-parametric-softmax.ts";
export { type NtXentOptions, type NtXentResult, ntXent, ntXentWithAccuracy } from "./nt-xent.ts";
export { priorDiscriminatorLoss, priorEncoderLoss } from "./prior-matching.ts";
export { proximal } from "./proximal.ts";
export {
  type QueueInfoNceInputs,
  type QueueInfoNceResult,
  queueInfoNce,
  queueInfoNceWithAccuracy,
} from "./queue-info-nce.ts";
export { softCrossEntropy } from "./soft-cross-entropy.ts";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
export { symmetricInfoNce, symmetricInfoNceWithAccuracy } from "./symmetric-info-nce.ts";

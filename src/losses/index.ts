/** Objectives: pure functions of symbolic tensors, without state. */
export {
  type BarlowTwinsOptions,
  type BarlowTwinsResult,
  barlowTwins,
  barlowTwinsWithParts,
} from "./barlow-twins.ts";
export { type BinaryCrossEntropyOptions, binaryCrossEntropy } from "./binary-cross-entropy.ts";
export { cosineSimilarity } from "./cosine-similarity.ts";
export { type CrossCropInputs, crossCropEntropy } from "./cross-crop-entropy.ts";
export { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
export { type DiceOptions, diceLoss } from "./dice-loss.ts";
export {
  type DinoInputs,
  type DinoResult,
  dinoLoss,
  dinoLossWithMetrics,
  nextCentre,
} from "./dino.ts";
export {
  type Dinov2ClassInputs,
  type Dinov2PatchInputs,
  dinov2ClassLoss,
  dinov2PatchLoss,
} from "./dinov2.ts";
export { type DistillationInputs, distillation } from "./distillation.ts";
export { donskerVaradhanBound } from "./donsker-varadhan-bound.ts";
export { type FocalOptions, focalLoss } from "./focal-loss.ts";
export { type IbotInputs, type IbotResult, ibotLoss, ibotLossWithParts, nextIbotCentres } from "./ibot.ts";
export { ijepaLoss } from "./ijepa.ts";
export { type InfoNceOptions, type InfoNceResult, infoNce, infoNceWithAccuracy } from "./info-nce.ts";
export { infoNceBound } from "./info-nce-bound.ts";
export {
  type InvariantSpreadOptions,
  type InvariantSpreadResult,
  invariantSpread,
  invariantSpreadWithTerms,
} from "./invariant-spread.ts";
export { jensenShannonBound } from "./jensen-shannon-bound.ts";
export { koleo } from "./koleo.ts";
export { marginContrastive } from "./margin-contrastive.ts";
export { type MaskedCrossEntropyInputs, maskedCrossEntropy, maskWeights } from "./masked-cross-entropy.ts";
export { type MaeInputs, maeLoss, type SimmimInputs, simmimLoss } from "./masked-reconstruction.ts";
export { participationRatio } from "./metrics/participation-ratio.ts";
export { relativeDeviation } from "./metrics/relative-deviation.ts";
export { teacherEntropy } from "./metrics/teacher-entropy.ts";
export { teacherInformation } from "./metrics/teacher-information.ts";
export { type MocoV3Inputs, mocoV3Loss, mocoV3LossWithAccuracy } from "./moco-v3.ts";
export { type NceInputs, type NceSimilarities, nce, nceNormalizer } from "./nce.ts";
export { byolLoss, negativeCosine, simsiamLoss, type TwoViews } from "./negative-cosine.ts";
export {
  type NonParametricSoftmaxInputs,
  type NonParametricSoftmaxResult,
  nonParametricSoftmax,
  nonParametricSoftmaxWithAccuracy,
} from "./non-parametric-softmax.ts";
export { denormalizePatches, normalizePatches } from "./normalize-patches.ts";
export { type NtXentOptions, type NtXentResult, ntXent, ntXentWithAccuracy } from "./nt-xent.ts";
export { offDiagonal } from "./off-diagonal.ts";
export { patchify, type UnpatchifyOptions, unpatchify } from "./patchify.ts";
export { type PixelCrossEntropyOptions, pixelCrossEntropy } from "./pixel-cross-entropy.ts";
export {
  type PredictiveCodingInputs,
  type PredictiveCodingResult,
  predictiveCoding,
  predictiveCodingWithAccuracy,
} from "./predictive-coding.ts";
export { priorDiscriminatorLoss, priorEncoderLoss } from "./prior-matching.ts";
export { proximal } from "./proximal.ts";
export {
  type QueueInfoNceInputs,
  type QueueInfoNceResult,
  queueInfoNce,
  queueInfoNceWithAccuracy,
} from "./queue-info-nce.ts";
export { type SinkhornOptions, sinkhornKnopp } from "./sinkhorn-knopp.ts";
export { smoothL1 } from "./smooth-l1.ts";
export { softCrossEntropy } from "./soft-cross-entropy.ts";
export { softmaxCrossEntropy, softmaxCrossEntropyWithAccuracy } from "./softmax-cross-entropy.ts";
export { squaredError } from "./squared-error.ts";
export { type SwappedPredictionInputs, swappedPrediction } from "./swapped-prediction.ts";
export { symmetricInfoNce, symmetricInfoNceWithAccuracy } from "./symmetric-info-nce.ts";
export { type VicregOptions, type VicregResult, vicreg, vicregWithParts } from "./vicreg.ts";

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
export { type NtXentOptions, type NtXentResult, ntXent, ntXentWithAccuracy } from "./nt-xent.ts";
export { softCrossEntropy } from "./soft-cross-entropy.ts";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

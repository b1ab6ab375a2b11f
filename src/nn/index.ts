/** Layers as functions of a scope and a tensor, and their initialisers. */
export { type AttentionOptions, type AttentionResult, attention } from "./attention.ts";
export { type Conv1dOptions, conv1d } from "./conv1d.ts";
export { type DinoHeadOptions, dinoBottleneck, dinoHead, dinoLastLayer } from "./dino-head.ts";
export { dropout, dropPath } from "./dropout.ts";
export { effectiveKernel } from "./effective-kernel.ts";
export { gru } from "./gru.ts";
export {
  constantInitializer,
  fanInUniform,
  type Initializer,
  kaimingFanOut,
  normal,
  ones,
  truncatedNormal,
  uniform,
  xavierUniform,
  zeros,
} from "./initializers.ts";
export { l2Normalize } from "./l2-normalize.ts";
export {
  type BatchNormOptions,
  batchNorm,
  type ConvOptions,
  conv,
  type GroupNormOptions,
  groupNorm,
  type LinearOptions,
  layerNorm,
  linear,
} from "./layers.ts";
export { miNetwork } from "./mi-network.ts";
export { oneHot } from "./one-hot.ts";
export { overlappingPatches, type PatchGrid } from "./overlapping-patches.ts";
export { pixelShuffle, pixelUnshuffle } from "./pixel-shuffle.ts";
export { type Prediction, predictAhead } from "./predict-ahead.ts";
export { type ProjectionHeadOptions, projectionHead } from "./projection-head.ts";
export { type RowContextOptions, rowContext } from "./row-context.ts";
export { Scope, type ScopeMode } from "./scope.ts";
export { type DeeplabOptions, deeplabHead, deeplabPlusHead } from "./segmentation/deeplab-head.ts";
export { type FcnOptions, fcnHead } from "./segmentation/fcn-head.ts";
export { convPatchHead, linearPatchHead, type PatchHeadOptions } from "./segmentation/patch-heads.ts";
export type { HeadOptions, SegmentationMaps } from "./segmentation/segmentation-maps.ts";
export { type UnetOptions, unetHead } from "./segmentation/unet-head.ts";
export { UPSAMPLINGS, type Upsampling, upsampleMap } from "./segmentation/upsample-map.ts";
export { transformerBlock, transformerBlocks } from "./transformer-block.ts";
export {
  type TransposedConv1dOptions,
  type TransposedConvOptions,
  transposedConv,
  transposedConv1d,
} from "./transposed-conv.ts";
export { upsamplingBilinear2d, upsamplingNearest2d } from "./upsample.ts";
export { type MaskDraw, type Variable, Variables } from "./variables.ts";

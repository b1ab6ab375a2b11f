/** Views of pictures: their specifications, their random numbers, and their graphs. */
export {
  augmentPatches,
  drawPatchParameters,
  PATCH_PARAMETERS,
  type PatchNoise,
} from "./augment-patches.ts";
export { augmentView, augmentViews } from "./augment-views.ts";
export { checkViewSpec } from "./check-view-spec.ts";
export { drawView, type JitterDraw, type JitterPart, type ViewDraw } from "./draw-view.ts";
export { type EvaluationBox, type EvaluationSpec, evaluationBox, evaluationView } from "./evaluation-view.ts";
export { drawMix, MIX, MIX_PARAMETERS, type MixSpec, mixPictures, mixTargets } from "./mix-pictures.ts";
export { OWN_PREPROCESSING, type Preprocessing } from "./preprocessing.ts";
export { type Box, type PictureSize, randomResizedCrop } from "./random-crop.ts";
export { drawErasing, ERASING, type ErasingSpec, erasePictures } from "./random-erasing.ts";
export { drawViewParameters, PARAMETER_COUNT, writeViewParameters } from "./view-parameters.ts";
export {
  amdimViews,
  byolViews,
  cropAndFlipView,
  dinoViews,
  ijepaViews,
  type MultiCropOptions,
  maeViews,
  mocoV2Views,
  simclrViews,
  simmimViews,
  swavViews,
  type ViewSetOptions,
} from "./view-sets.ts";
export {
  type BlurSpec,
  type CropSpec,
  type Interpolation,
  type JitterSpec,
  NORMALIZATION,
  type Normalization,
  type SolarizeSpec,
  type ViewSpec,
} from "./view-spec.ts";
export { viewSpecSchema } from "./view-spec-schema.ts";

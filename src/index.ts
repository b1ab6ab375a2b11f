/**
 * The jobs of Afterimage as a typed library; the parts are under sub-paths (`afterimage/tensor`, `/nn`, …).
 */
export {
  addBackbone,
  BACKBONES,
  type BackboneEntry,
  type BackboneOptions,
  createBackbone,
} from "./backbones/index.ts";
export type { PictureDataset, SkippedPicture } from "./data/picture-dataset.ts";
export { AfterimageError, type ErrorCode, type ErrorEvidence } from "./errors.ts";
export { type DistillOptions, type DistillResult, distill } from "./jobs/distill.ts";
export { type EmbedOptions, type EmbedResult, embed } from "./jobs/embed.ts";
export { environmentOf } from "./jobs/environment.ts";
export {
  type Chance,
  type Comparison,
  type EvaluateOptions,
  type EvaluateResult,
  evaluate,
  PROTOCOLS,
  type Protocol,
  type Scores,
} from "./jobs/evaluate.ts";
export { type ExportOptions, type ExportResult, exportEncoder } from "./jobs/export-encoder.ts";
export { type FewLabelsRow, WAYS, type Way } from "./jobs/few-labels/few-labels-row.ts";
export {
  type FewLabelsOptions,
  type LabelledSet,
  scoreFewLabels,
} from "./jobs/few-labels/score-few-labels.ts";
export type { Computing } from "./jobs/finetune/computing.ts";
export { openSource, type Source } from "./jobs/finetune/open-source.ts";
export { type FinetuneOptions, type FinetuneResult, finetune } from "./jobs/finetune.ts";
export type { EncoderInMemory } from "./jobs/given-encoder.ts";
export { type ImportOptions, type ImportResult, importEncoder } from "./jobs/import-encoder.ts";
export { type InspectResult, inspect } from "./jobs/inspect.ts";
export { examinePictures } from "./jobs/pictures/examine-pictures.ts";
export { readPixels } from "./jobs/pictures/read-pixels.ts";
export { type PredictOptions, type PredictResult, predict } from "./jobs/predict.ts";
export {
  type EncoderSnapshot,
  type PretrainOptions,
  type PretrainResult,
  pretrain,
} from "./jobs/pretrain.ts";
export {
  type ReceptiveFieldOptions,
  type ReceptiveFieldResult,
  receptiveField,
} from "./jobs/receptive-field.ts";
export type { PicturePrediction } from "./jobs/results/prediction-columns.ts";
export { type StepTimes, timeSteps } from "./jobs/sizes/time-steps.ts";
export { availableMemory } from "./machine/available-memory.ts";
export { physicalCores } from "./machine/physical-cores.ts";
export { encoderOf } from "./methods/encoder-of.ts";
export { findMethod, METHODS, type Method } from "./methods/index.ts";
export { type Choices, configure } from "./runs/configure/configure.ts";
export type { EpochRecord, OnProgress, Progress } from "./runs/progress.ts";
export type { Environment, RunConfig } from "./train/run-config.ts";
export type { LabelTask } from "./transfer/label-task.ts";

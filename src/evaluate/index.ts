/** The quality of a representation, and whether it has collapsed. */
export { type PixelOptions, pixelFeatures } from "./baselines.ts";
export { majorityShare, type RetrievalChance, retrievalChance } from "./chance.ts";
export { adjustedMutualInformation } from "./clusters/adjusted-mutual-information.ts";
export { adjustedRandIndex } from "./clusters/adjusted-rand-index.ts";
export type { EntropyAverage } from "./clusters/average-entropy.ts";
export { bestMatching } from "./clusters/best-matching.ts";
export { clusterChance } from "./clusters/cluster-chance.ts";
export { type ClusterScores, clusterScores } from "./clusters/cluster-scores.ts";
export { contingencyTable, type JointTable } from "./clusters/contingency-table.ts";
export { entropy } from "./clusters/entropy.ts";
export { type KMeansOptions, type KMeansResult, kMeans } from "./clusters/k-means.ts";
export { matchedAccuracy } from "./clusters/matched-accuracy.ts";
export { mutualInformation } from "./clusters/mutual-information.ts";
export { normalizedMutualInformation } from "./clusters/normalized-mutual-information.ts";
export { countDuplicates } from "./count-duplicates.ts";
export {
  type CollapseEvidence,
  collapseWarning,
  type Health,
  health,
  LEAST_DEVIATION,
  LEAST_RANK,
  TROUBLE_ADVICE,
  type Trouble,
} from "./health.ts";
export { type KnnOptions, type KnnResult, knn } from "./knn.ts";
export {
  type LinearProbeOptions,
  type LinearProbeResult,
  linearProbe,
  PROBE_LEARNING_RATES,
} from "./linear-probe.ts";
export { type LinearRowsOptions, linearRows, type RowLoss } from "./linear-rows.ts";
export { standsAt } from "./loss-curve.ts";
export { type Nearest, type NearestOptions, nearest } from "./nearest.ts";
export { type NeighbourRowsOptions, neighbourRows } from "./neighbour-rows.ts";
export { pickRows } from "./pick-rows.ts";
export {
  averagePrecision,
  type MultiLabelPrecision,
  meanAveragePrecision,
} from "./predictions/average-precision.ts";
export { BoundaryCounts, type BoundaryOptions } from "./predictions/boundary-counts.ts";
export { type Calibration, calibrationError, type ReliabilityBin } from "./predictions/calibration-error.ts";
export { type ClassScores, classScores } from "./predictions/class-scores.ts";
export { ConfusionCounts } from "./predictions/confusion-counts.ts";
export { confusionMatrix } from "./predictions/confusion-matrix.ts";
export { fitTemperature, TEMPERATURE_RANGE, type TemperatureFit } from "./predictions/fit-temperature.ts";
export type { LabelOptions } from "./predictions/label-roles.ts";
export { negativeLogLikelihood } from "./predictions/negative-log-likelihood.ts";
export { precisionOutcomes } from "./predictions/precision-outcomes.ts";
export { probabilities } from "./predictions/probabilities.ts";
export { type RegressionScores, regressionScores } from "./predictions/regression-scores.ts";
export {
  type MaskScores,
  type SegmentationScores,
  segmentationScores,
} from "./predictions/segmentation-scores.ts";
export { topKAccuracy } from "./predictions/top-k-accuracy.ts";
export { type RankMe, rankMe } from "./rank-me.ts";
export {
  type AxisField,
  Branch,
  intervalOf,
  sizeFromPicture,
  sizeFromTop,
  stepsAlong,
} from "./receptive-field/branch.ts";
export {
  type EffectiveField,
  type EffectiveFieldOptions,
  effectiveField,
} from "./receptive-field/effective-field.ts";
export {
  fieldsByLayer,
  type LabelledField,
  type LayerField,
  labelledFields,
} from "./receptive-field/layer-fields.ts";
export type { MapState, Whole } from "./receptive-field/map-state.ts";
export { onnxFields } from "./receptive-field/onnx-fields.ts";
export { receptiveFields, type TensorField } from "./receptive-field/receptive-fields.ts";
export type { AxisStep, Interval, Step } from "./receptive-field/steps.ts";
export {
  type LabelledRetrievalOptions,
  labelledRetrieval,
  type PairedRetrievalOptions,
  pairedRetrieval,
  type RetrievalResult,
} from "./retrieval.ts";
export type { Metric } from "./score-graph.ts";
export { compareOutcomes, type Difference, standardError } from "./standard-error.ts";
export { type FoldsOptions, stratifiedFolds } from "./stratified-folds.ts";
export { type Split, stratifiedSplit } from "./stratified-split.ts";

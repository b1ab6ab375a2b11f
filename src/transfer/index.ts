/** From an encoder to a task with labels: predictions, their scores, and what they are compared with. */
export {
  type Classifier,
  classifierProgram,
  type PredictLogitsOptions,
  predictLogits,
} from "./classifier.ts";
export { BASELINES, type Baseline, type BaselineComparison, compareBaselines } from "./compare-baselines.ts";
export { type Familiar, type FamiliarOptions, learnFamiliar, strangeness } from "./find-unlike.ts";
export { fitTaskTemperature } from "./fit-task-temperature.ts";
export { type FrozenFeatures, judgeLinearProbe, judgeNeighbours } from "./judge-baselines.ts";
export { type JudgedPredictions, judgePredictions } from "./judge-predictions.ts";
export { type Answers, type LabelTask, type NumberScale, TARGET_OF, type TaskKind } from "./label-task.ts";
export type {
  CalibrationScores,
  ClassesScores,
  ClassRates,
  Estimate,
  Headline,
  Judged,
  NumbersScores,
  PredictionScores,
  SeveralScores,
} from "./prediction-scores.ts";
export {
  type ClassPrediction,
  type LikelyLabel,
  type NumbersPrediction,
  type Prediction,
  predictionsOf,
  type SeveralPrediction,
} from "./predictions.ts";
export { mostProbable, readLogits } from "./read-logits.ts";
export { predictBySliding, type SlidingOptions, windowStarts } from "./sliding-windows.ts";
export { type Mistake, worstMistakes } from "./worst-mistakes.ts";

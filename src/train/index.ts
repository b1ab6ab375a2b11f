/** Training: configurations, the compiled step, the trainer that runs it, and encoders without the rest. */
export { type DescribedRun, describeRun } from "./describe-run.ts";
export { type ExtractOptions, encoderProgram, extractFeatures } from "./encoder.ts";
export { buildStep, type StepTensors, stepTensors } from "./forms/whole-step.ts";
export { Learner, type LearnerOptions } from "./learner.ts";
export { augmentedViews, type StepOptions, viewParameters } from "./network.ts";
export { type NamedData, type Peers, SINGLE } from "./peers.ts";
export { parseRunConfig, type RunConfig, stepsPerEpoch, type TrainingConfig } from "./run-config.ts";
export { type ScalarPlan, scalarPlan } from "./scalar-plan.ts";
export { StepFeeds } from "./step-feeds.ts";
export { type StepReport, Trainer } from "./trainer.ts";
export { encoderValues, initialEncoderValues, initialValues, type Values } from "./values.ts";

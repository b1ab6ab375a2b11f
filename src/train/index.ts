/** Training: configurations, the compiled step, the trainer that runs it, and encoders by themselves. */
export { type ExtractOptions, encoderProgram, extractFeatures } from "./encoder.ts";
export type { StepOptions } from "./network.ts";
export { parseRunConfig, type RunConfig, stepsPerEpoch, type TrainingConfig } from "./run-config.ts";
export { buildStep, type StepGraph } from "./step-graph.ts";
export { type StepReport, Trainer } from "./trainer.ts";
export { encoderValues, initialEncoderValues, type Values } from "./values.ts";

/**
 * Runs: the loop of epochs, its observers, and its stores. Without Node; `afterimage` has the store in
 * folders.
 */

export { collapseObserver } from "./collapse.ts";
export { type Choices, configure } from "./configure/configure.ts";
export { MemoryStore } from "./memory-store.ts";
export { monitorObserver } from "./monitor.ts";
export { Notes } from "./notes.ts";
export type { EncoderSnapshot, EpochEnd, Observer } from "./observer.ts";
export type { OnProgress, Progress } from "./progress.ts";
export type { ExpectedState, RunState, RunStore } from "./run-store.ts";
export { type TrainRunOptions, type TrainRunResult, trainRun } from "./train-run.ts";
export { type LoopOptions, type LoopResult, TrainingLoop } from "./training-loop.ts";

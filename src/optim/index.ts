/** Optimisers, gradient clipping, schedules and moving averages. */
export { type AdamwOptions, adamw } from "./adamw.ts";
export { clipEach, clipGlobal } from "./clip.ts";
export {
  type Descent,
  type DescentOptions,
  type DescentParameter,
  descend,
  type ParameterHandling,
  slotPath,
} from "./descend.ts";
export { type LarcOptions, larc } from "./larc.ts";
export { type LarsOptions, lars } from "./lars.ts";
export { movingAverage } from "./momentum-average.ts";
export { type MuonOptions, muon } from "./muon.ts";
export { globalNorm, norm } from "./norm.ts";
export type { Hyperparameters, OptimizerRule, ParameterUpdate, UpdatedParameter } from "./optimizer.ts";
export {
  type CosineOptions,
  constantSchedule,
  cosineSchedule,
  type DinoCosineOptions,
  dinoCosineSchedule,
  linearScaling,
  perEpoch,
  type Schedule,
  type SimclrOptions,
  type StepOptions,
  simclrSchedule,
  squareRootScaling,
  stepSchedule,
  type WarmupOptions,
  warmup,
} from "./schedule.ts";
export { type ScheduleSpec, scheduleFrom } from "./schedule-spec.ts";
export { type SgdOptions, sgd } from "./sgd.ts";

/** The contract of what trains: objectives, and methods that make them. */
export type { Draw } from "./draw.ts";
export type { Bank, Memory, MemoryInputs, Queue } from "./memory.ts";
export type {
  CatalogueMethod,
  Method,
  PictureSample,
  SpreadBar,
  TrainingDefaults,
  WarningKind,
} from "./method.ts";
export type {
  Constraint,
  EmbedContext,
  Embeddings,
  Gate,
  LossContext,
  LossResult,
  Objective,
  Rate,
  StageContext,
  Teacher,
  ViewGroup,
} from "./objective.ts";
export { erasingDraws, mixDraw } from "./picture-draws.ts";
export type { Reconstruction } from "./reconstruction.ts";
export type { Plan, ScalarSchedule, Situation } from "./situation.ts";
export { classTarget, type PixelTarget, type RowTarget, type Target } from "./target.ts";

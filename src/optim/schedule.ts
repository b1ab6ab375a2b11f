/**
 * Schedules: plain numbers as functions of the step, for learning rates, weight decay, temperatures and
 * momenta. Steps count from 0: `schedule(0)` is the value of the first step. A schedule may be asked beyond
 * its end.
 */
import { AfterimageError } from "../errors.ts";

export type Schedule = (step: number) => number;

/** The same value at every step. */
export function constantSchedule(value: number): Schedule {
  return () => value;
}

export interface CosineOptions {
  from: number;
  to: number;
  /** Steps until `to` is reached: `to` itself is the value of step number `steps`, one after the last. */
  steps: number;
}

/**
 * Half a cosine: to + (from - to)·(1 + cos(π·step / steps)) / 2; stays at `to`. arXiv 1608.03983, equation 5.
 */
export function cosineSchedule({ from, to, steps }: CosineOptions): Schedule {
  requireSteps("a cosine's steps", steps, 1);
  return (step) => to + 0.5 * (from - to) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps));
}

export interface WarmupOptions {
  /** The value at step 0. */
  start: number;
  steps: number;
  /**
   * The schedule after the warm-up, called with its own steps from 0 on. The warm-up ends at its first value.
   */
  after: Schedule;
  /**
   * If true, the last step of the warm-up already has the first value of `after`, so that this value occurs
   * twice (NumPy's `linspace`, as in DINO). If false, only the step after it has (as in SimCLR, the default).
   */
  inclusive?: boolean;
}

/**
 * A straight line from `start` over `steps` steps to the first value of another schedule, and then that
 * schedule.
 */
export function warmup({ start, steps, after, inclusive = false }: WarmupOptions): Schedule {
  requireSteps("a warm-up's steps", steps, 0);
  const target = after(0);
  // A line of one point is its start, as in linspace.
  const intervals = Math.max(inclusive ? steps - 1 : steps, 1);
  return (step) => (step < steps ? start + ((target - start) * step) / intervals : after(step - steps));
}

export interface StepOptions {
  base: number;
  /** Steps from which one more factor applies. */
  milestones: readonly number[];
  factor: number;
}

/** `base`, multiplied by `factor` at every milestone: `torch.optim.lr_scheduler.MultiStepLR`. */
export function stepSchedule({ base, milestones, factor }: StepOptions): Schedule {
  return (step) => base * factor ** milestones.filter((milestone) => milestone <= step).length;
}

/** A schedule over epochs, constant within an epoch (as DINO's teacher temperature). */
export function perEpoch(schedule: Schedule, stepsPerEpoch: number): Schedule {
  requireSteps("an epoch's steps", stepsPerEpoch, 1);
  return (step) => schedule(Math.floor(step / stepsPerEpoch));
}

export interface DinoCosineOptions {
  /** The value at the end of the warm-up and the beginning of the cosine. */
  base: number;
  final: number;
  /** All steps, including the warm-up. */
  steps: number;
  warmupSteps?: number;
  warmupStart?: number;
}

/** `cosine_scheduler` of DINO's `utils.py`: learning rate, weight decay and the teacher's momentum. */
export function dinoCosineSchedule(options: DinoCosineOptions): Schedule {
  const { base, final, steps, warmupSteps = 0, warmupStart = 0 } = options;
  const after = cosineSchedule({ from: base, to: final, steps: steps - warmupSteps });
  return warmup({ start: warmupStart, steps: warmupSteps, after, inclusive: true });
}

export interface SimclrOptions {
  /** The scaled learning rate: see {@link linearScaling} and {@link squareRootScaling}. */
  peak: number;
  /** All steps, including the warm-up. */
  steps: number;
  warmupSteps: number;
}

/** `WarmUpAndCosineDecay` of SimCLR's `tf2/model.py`: up from 0 in a line, down to 0 in a cosine. */
export function simclrSchedule({ peak, steps, warmupSteps }: SimclrOptions): Schedule {
  const after = cosineSchedule({ from: peak, to: 0, steps: steps - warmupSteps });
  return warmup({ start: 0, steps: warmupSteps, after });
}

/** base · batch / per: the linear scaling rule of arXiv 1706.02677, section 2.1. */
export function linearScaling(base: number, batch: number, per = 256): number {
  return (base * batch) / per;
}

/** base · √(batch / per). SimCLR: 0.075·√batch (arXiv 2002.05709, appendix B.1); DINOv2: per 1024. */
export function squareRootScaling(base: number, batch: number, per = 1): number {
  return base * Math.sqrt(batch / per);
}

function requireSteps(what: string, steps: number, least: number): void {
  if (Number.isFinite(steps) && steps >= least) return;
  throw new AfterimageError("usage/value", {
    what: `${what} are out of range`,
    expected: `${least} or more`,
    got: `${steps}`,
    todo: "A warm-up must be shorter than the run.",
  });
}

/** Describes a configuration: its method, objective, backbone and schedules. */
import type { Backbone } from "../backbones/backbone.ts";
import { restoreBackbone } from "../backbones/index.ts";
import { type CompleteMethod, completeMethod } from "../methods/complete-method.ts";
import { methodOfRun } from "../methods/method-of-run.ts";
import { viewSizeRemark } from "../methods/parts/view-size.ts";
import { lengthRemark } from "../methods/recipes/short-runs.ts";
import { completeObjective } from "../objectives/complete-objective.ts";
import type { Method } from "../objectives/method.ts";
import type { Objective } from "../objectives/objective.ts";
import type { Plan, ScalarSchedule, Situation } from "../objectives/situation.ts";
import { TEACHER_MOMENTUM } from "./graph-names.ts";
import type { StepOptions } from "./network.ts";
import { optimizerFor } from "./optimizer-for.ts";
import { type RunConfig, stepsOf, stepsPerEpoch } from "./run-config.ts";
import { type RunTimeline, timelineOf } from "./run-timeline.ts";

export interface DescribedRun {
  config: RunConfig;
  method: CompleteMethod;
  /** The length that the schedules are made for. */
  plan: Plan;
  /** The end of the run, and the place of each step in the schedules. */
  timeline: RunTimeline;
  /** The objective's own schedules, the teacher's momentum among them. */
  own: Readonly<Record<string, ScalarSchedule>>;
  /** Everything that the step is built from, except how its graphs are written. */
  options: Omit<StepOptions, "dialect">;
  /** The encoder that is trained: the backbone, or what the method makes of it. */
  encoder: Backbone;
  situation: Situation;
  /** The method's remarks on the configuration for its user, in clauses. */
  remarks: readonly string[];
  /** The consequences of the run's length and of the size of its pictures, in clauses. */
  consequences: readonly string[];
}

/** @param given the method that the configuration names; needed if it is not in the list of methods. */
export function describeRun(
  config: RunConfig,
  given: Method = methodOfRun(config.method.name),
): DescribedRun {
  const method = completeMethod(given);
  const { settings } = config.method;
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const { batchSize, microBatch, canvas, training } = config;
  const { pictures } = config.data;
  const timeline = timelineOf(config);
  const plan = planOf(config, timeline);
  const situation = situationOf(config, backbone, plan.epochs);
  const objective = completeObjective(method.objective(settings, situation), config.imageSize);
  const own = schedulesOf(objective, plan);
  return {
    ...{ config, method, plan, timeline, own, situation },
    options: {
      ...{ objective, backbone, canvas, batchSize, microBatch, pictures },
      optimizer: optimizerFor(training),
      ...{ clip: training.clip, decayAll: training.decayAll },
      scalarNames: Object.keys(own),
    },
    encoder: method.encoderOf?.(backbone, settings) ?? backbone,
    remarks: method.remarks?.(settings, situation) ?? [],
    consequences: [
      lengthRemark(method, training.optimizer, situation),
      viewSizeRemark(objective.views, situation),
    ].filter((clause) => clause !== null),
  };
}

function planOf(config: RunConfig, { scheduledEpochs: epochs }: RunTimeline): Plan {
  const { batchSize } = config;
  return { steps: stepsOf({ ...config, epochs }), stepsPerEpoch: stepsPerEpoch(config), epochs, batchSize };
}

/** The facts of a configuration on which defaults depend. */
export function situationOf(
  config: Pick<RunConfig, "imageSize" | "batchSize" | "microBatch" | "data">,
  { family, multipleOf, batchNorm, features }: Backbone,
  epochs: number,
): Situation {
  const { imageSize, batchSize, microBatch } = config;
  const { pictures } = config.data;
  return { pictures, imageSize, batchSize, microBatch, epochs, family, multipleOf, batchNorm, features };
}

function schedulesOf(
  objective: Pick<Required<Objective>, "scalars"> & Pick<Objective, "teacher">,
  plan: Plan,
): Record<string, ScalarSchedule> {
  const momentum = objective.teacher?.momentum(plan);
  return { ...objective.scalars(plan), ...(momentum && { [TEACHER_MOMENTUM]: momentum }) };
}

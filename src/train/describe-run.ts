/** What a configuration stands for: method, backbone, views, schedules. */
import type { Backbone } from "../backbones/backbone.ts";
import { restoreBackbone } from "../backbones/index.ts";
import { findMethod } from "../methods/index.ts";
import type { Method, Plan, ScalarSchedule, Situation } from "../methods/method.ts";
import { lengthRemark } from "../methods/short-runs.ts";
import { viewSizeRemark } from "../methods/view-size.ts";
import type { StepOptions } from "./network.ts";
import { optimizerFor } from "./optimizer-for.ts";
import { type RunConfig, stepsOf, stepsPerEpoch } from "./run-config.ts";
import { courseOf, type RunCourse } from "./run-course.ts";

export interface DescribedRun {
  /** What the schedules are made for. */
  plan: Plan;
  /** Where the run ends, and where each step stands in the plan. */
  course: RunCourse;
  /** The method's own schedules. */
  own: Readonly<Record<string, ScalarSchedule>>;
  /** All that the step is built from but how its graphs are written. */
  options: Omit<StepOptions, "dialect">;
  /** The encoder that is trained: the backbone, or what the method makes of it. */
  encoder: Backbone;
  situation: Situation;
  /** What the method says of it to its user, in clauses. */
  remarks: readonly string[];
  /** What of it follows from its length, and from the size of its pictures, in clauses. */
  consequences: readonly string[];
}

/** @param method the one that the configuration names, unless it is one that is not in the list. */
export function describeRun(
  config: RunConfig,
  method: Method = findMethod(config.method.name),
): DescribedRun {
  const { settings } = config.method;
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const perEpoch = stepsPerEpoch(config);
  const { batchSize, microBatch, imageSize, canvas, training } = config;
  const { pictures } = config.data;
  const course = courseOf(config);
  const epochs = course.scheduledEpochs;
  const plan: Plan = { steps: stepsOf({ ...config, epochs }), stepsPerEpoch: perEpoch, epochs, batchSize };
  const { family, multipleOf, batchNorm, features } = backbone;
  const situation: Situation = {
    ...{ pictures, imageSize, batchSize, microBatch, epochs },
    ...{ family, multipleOf, batchNorm, features },
  };
  const own = method.scalars(settings, plan);
  const options = {
    ...{ method, settings, backbone, canvas, batchSize, microBatch, pictures },
    groups: method.views(settings, situation),
    draws: method.draws?.(settings, situation) ?? [],
    memories: method.memories?.(settings, situation) ?? [],
    optimizer: optimizerFor(training),
    ...{ clip: training.clip, decayAll: training.decayAll },
    scalarNames: Object.keys(own),
  };
  return {
    ...{ plan, course, own, options, situation },
    encoder: method.encoderOf?.(backbone, settings) ?? backbone,
    remarks: method.remarks?.(settings, situation) ?? [],
    consequences: [
      lengthRemark(method, training.optimizer, situation),
      viewSizeRemark(options.groups, situation),
    ].filter((clause) => clause !== null),
  };
}

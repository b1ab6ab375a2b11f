/**
 * Settings that cannot be what they say in a run of this length: what is used instead, beside what was asked
 * for.
 */
import { type RunConfig, stepsOf, stepsPerEpoch } from "./run-config.ts";
import { courseOf } from "./run-course.ts";

const WARMUP = "training.warmupEpochs";

/**
 * A configuration as it is used: a warm-up ends with its run at the latest. What was asked for is kept in
 * `asked`.
 */
export function settledConfig(config: RunConfig): RunConfig {
  const { warmupEpochs } = config.training;
  // A run that is shortened to keep its time still goes through the schedules that it began with.
  const epochs = courseOf(config).scheduledEpochs;
  const [steps, perEpoch] = [stepsOf({ ...config, epochs }), stepsPerEpoch(config)];
  if (perEpoch === 0 || Math.round(warmupEpochs * perEpoch) <= steps) return config;
  return {
    ...config,
    training: { ...config.training, warmupEpochs: steps / perEpoch },
    asked: { ...config.asked, [WARMUP]: warmupEpochs },
  };
}

/** The same configuration as it was asked for, from which a run of another length follows. */
export function askedConfig({ asked = {}, ...config }: RunConfig): RunConfig {
  const { [WARMUP]: warmupEpochs = config.training.warmupEpochs, ...rest } = asked;
  return {
    ...config,
    training: { ...config.training, warmupEpochs },
    ...(Object.keys(rest).length > 0 && { asked: rest }),
  };
}

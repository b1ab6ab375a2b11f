/**
 * Replaces settings that are impossible in a run of this length, and keeps the values that were asked for.
 */
import { type RunConfig, stepsOf, stepsPerEpoch } from "./run-config.ts";
import { timelineOf } from "./run-timeline.ts";

const WARMUP = "training.warmupEpochs";

/**
 * The configuration that is used: a warm-up ends with its run at the latest. The value asked for is kept in
 * `asked`.
 */
export function settledConfig(config: RunConfig): RunConfig {
  const { warmupEpochs } = config.training;
  // A run that is shortened to keep its time still completes the schedules that it began with.
  const epochs = timelineOf(config).scheduledEpochs;
  const [steps, perEpoch] = [stepsOf({ ...config, epochs }), stepsPerEpoch(config)];
  if (perEpoch === 0 || Math.round(warmupEpochs * perEpoch) <= steps) return config;
  return {
    ...config,
    training: { ...config.training, warmupEpochs: steps / perEpoch },
    asked: { ...config.asked, [WARMUP]: warmupEpochs },
  };
}

/** The configuration that was asked for, from which a run of another length follows. */
export function askedConfig({ asked = {}, ...config }: RunConfig): RunConfig {
  const { [WARMUP]: warmupEpochs = config.training.warmupEpochs, ...rest } = asked;
  return {
    ...config,
    training: { ...config.training, warmupEpochs },
    ...(Object.keys(rest).length > 0 && { asked: rest }),
  };
}

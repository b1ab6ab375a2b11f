/** Notes for the user about settings that were asked for and are not used as given. */
import { idleReason } from "../../methods/recipes/idle-settings.ts";
import type { Situation } from "../../objectives/situation.ts";
import type { Choices } from "../../runs/configure/configure.ts";
import type { RunConfig, TrainingConfig } from "../../train/run-config.ts";

type Idle = (training: TrainingConfig, config: RunConfig) => string | null;

const onlyWith =
  (optimizers: readonly TrainingConfig["optimizer"][]): Idle =>
  ({ optimizer }) =>
    optimizers.includes(optimizer) ? null : `the optimiser is ${optimizer}`;

const onlyAtMilestones: Idle = ({ decay }) =>
  decay === "steps" ? null : `the learning rate falls by a ${decay}`;

/** Reasons why settings of the optimiser have no effect. */
const IDLE: Partial<Record<keyof TrainingConfig, Idle>> = {
  finalLearningRate: ({ decay }) => (decay === "cosine" ? null : "the learning rate falls at milestones"),
  milestones: (training, config) =>
    onlyAtMilestones(training, config) ?? misplacedMilestones(training, config),
  milestoneFactor: onlyAtMilestones,
  inclusiveWarmup: ({ warmupEpochs }) => (warmupEpochs > 0 ? null : "there is no warm-up"),
  nesterov: onlyWith(["sgd", "lars"]),
  rateInMomentum: onlyWith(["lars"]),
  beta2: onlyWith(["adamw", "muon"]),
};

function misplacedMilestones(
  { milestones, warmupEpochs }: TrainingConfig,
  { epochs }: RunConfig,
): string | null {
  const early = milestones.filter((share) => share * epochs < warmupEpochs);
  if (early.length > 0)
    return `${early.join(", ")} of the run lies within the warm-up, so the learning rate falls right after it`;
  return milestones.includes(1) ? "1 is the end of the run, and no step follows it" : null;
}

/** A sentence for each choice that is not used as given: another value is used, or it has no effect. */
export function settingNotes(choices: Choices, config: RunConfig, situation: Situation): string[] {
  return [
    ...replacedNotes(config),
    ...idleTraining(choices, config),
    ...idleSettings(choices, config, situation),
  ];
}

function replacedNotes({ asked = {}, training, epochs }: RunConfig): string[] {
  const warmup = asked["training.warmupEpochs"];
  if (warmup === undefined) return [];
  const used = `training.warmupEpochs is reduced from ${warmup} to ${rounded(training.warmupEpochs)}`;
  return [`${used}: the run has only ${epochs} epochs, and all of it is warm-up`];
}

const rounded = (value: number) => Number(value.toPrecision(4));

function idleTraining({ training = {} }: Choices, config: RunConfig): string[] {
  return chosen(training).flatMap((name) => {
    const reason = IDLE[name as keyof TrainingConfig]?.(config.training, config) ?? null;
    return reason === null ? [] : [`training.${name} has no effect: ${reason}`];
  });
}

function idleSettings({ settings = {} }: Choices, config: RunConfig, situation: Situation): string[] {
  return chosen(settings).flatMap((name) => {
    const reason = idleReason(name, config.method.settings, situation);
    return reason === null ? [] : [`the setting ${name} does not work as described: ${reason}`];
  });
}

const chosen = (choices: object) =>
  Object.entries(choices).flatMap(([name, value]) => (value === undefined ? [] : [name]));

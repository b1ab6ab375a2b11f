/** The configuration of a run that continues: the stored one, except for what may change on the way. */
import { AfterimageError } from "../../errors.ts";
import { optionName } from "../../options/option-name.ts";
import { ADDED_PICTURES } from "../../runs/change-notes.ts";
import { type Choices, checkedTraining } from "../../runs/configure/configure.ts";
import type { Change, Environment, RunConfig } from "../../train/run-config.ts";
import { askedConfig, settledConfig } from "../../train/settled-config.ts";
import { requireSameChoices } from "../require-same-choices.ts";

export interface ContinuedConfig {
  config: RunConfig;
  /** The changes. */
  changes: Change[];
}

/**
 * The optimiser's numbers may change (a lower learning rate is the usual rescue), epochs may be added, and
 * the machine may differ. Everything else stays the same.
 *
 * @throws AfterimageError `train/run-folder` for another choice that differs, `method/settings` for a number
 * out of range.
 */
export function continuedConfig(
  choices: Choices,
  before: RunConfig,
  environment: Environment,
  folder: string,
): ContinuedConfig {
  requireSameChoices(choices, before, folder);
  const kept = askedConfig(before);
  const training = checkedTraining(kept.training, choices.training ?? {});
  const epochs = choices.epochs ?? kept.epochs;
  if (epochs < kept.epochs) throw tooFew(epochs, kept, folder);
  // Epochs that a user asks for do not follow the pace.
  const minutes = choices.minutes ?? (choices.epochs === undefined ? kept.minutes : undefined);
  const { minutes: _, ...rest } = kept;
  const next = { ...rest, training, epochs, environment, ...(minutes !== undefined && { minutes }) };
  const config = settledConfig(next);
  const changes = [
    ...differences("training.", settledConfig(kept).training, config.training),
    ...differences("", { epochs: kept.epochs }, { epochs }),
    ...differences("", { minutes: kept.minutes ?? null }, { minutes: minutes ?? null }),
    ...differences("environment.", kept.environment ?? environment, environment),
  ];
  return { config, changes };
}

/** The change of the number of pictures from now on. */
export function pictureChanges(kept: RunConfig, { data }: RunConfig): Change[] {
  return [{ name: ADDED_PICTURES, from: kept.data.pictures, to: data.pictures }];
}

function differences<T extends object>(prefix: string, from: T, to: T): Change[] {
  return Object.entries(to).flatMap(([key, value]) => {
    const before: unknown = from[key as keyof T];
    return JSON.stringify(before) === JSON.stringify(value)
      ? []
      : [{ name: `${prefix}${key}`, from: before, to: value }];
  });
}

function tooFew(epochs: number, kept: RunConfig, folder: string): AfterimageError {
  return new AfterimageError("train/run-folder", {
    what: "a run can be resumed with more epochs, but not with fewer",
    where: folder,
    expected: `${optionName("epochs")} ${kept.epochs} or more`,
    got: `${epochs}`,
    todo: `Leave it out to resume, or start a new run with another ${optionName("out")}.`,
  });
}

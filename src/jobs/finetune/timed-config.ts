import type { RunConfig } from "../../train/run-config.ts";
import { environmentOf } from "../environment.ts";
import type { Computing } from "./computing.ts";
import { fitEpochs } from "./fit-epochs.ts";

export interface TimedOptions {
  minutes?: number | undefined;
  epochs?: number | undefined;
}

/**
 * The configuration of a run in this environment. With `minutes`, epochs that nobody asked for are as many as
 * fit, and follow the pace.
 *
 * @param configure makes the configuration for a number of epochs; undefined for as many as the pictures ask
 * for.
 * @param run `trainings` that share the minutes; a run that is not new has its epochs already.
 */
export async function timedConfig(
  configure: (epochs: number | undefined) => RunConfig,
  { minutes, epochs }: TimedOptions,
  { trainings, isNew }: { trainings: number; isNew: boolean },
  computing: Computing,
): Promise<RunConfig> {
  const environment = environmentOf(computing);
  if (minutes === undefined || epochs !== undefined) return { ...configure(epochs), environment };
  const wanted = configure(undefined);
  if (!isNew) return { ...wanted, environment, minutes };
  const fitting = await fitEpochs(wanted, { minutes, trainings }, computing);
  return { ...configure(fitting), environment, minutes };
}

/** As many epochs as fit into the minutes that were given, on this machine. */
import { optionValues } from "../../options/option-name.ts";
import { minutesText } from "../../runs/minutes-text.ts";
import { type RunConfig, stepsPerEpoch } from "../../train/run-config.ts";
import { timeSteps } from "../sizes/time-steps.ts";
import type { Computing } from "./computing.ts";

/** The share of the minutes that training gets; the rest is for reading pictures and for judging. */
const TRAINING_SHARE = 0.7;
/** The share of the minutes that may be spent on timing a few steps. */
const TIMING_SHARE = 0.05;

/**
 * The wanted epochs, or fewer if a few timed steps say that these take longer than the minutes. The scores
 * that need further trainings (`seeds`, and the network from scratch) count as so many trainings.
 *
 * @param trainings the number of trainings, 1 or more.
 */
export async function fitEpochs(
  config: RunConfig,
  { minutes, trainings }: { minutes: number; trainings: number },
  { threads, provider, onProgress }: Computing,
): Promise<number> {
  onProgress({ type: "plan", message: "Timing a few steps on this machine …" });
  const mostSeconds = TIMING_SHARE * 60 * minutes;
  const { quiet } = await timeSteps(config, { threads, provider, mostSeconds });
  const seconds = (TRAINING_SHARE * 60 * minutes) / trainings;
  const epochs = Math.max(1, Math.floor(seconds / (quiet * stepsPerEpoch(config))));
  if (epochs >= config.epochs) return config.epochs;
  const message = `${epochs} instead of ${config.epochs} epochs fit into ${minutesText(minutes)} (${optionValues({ minutes })})`;
  onProgress({ type: "note", message });
  return epochs;
}

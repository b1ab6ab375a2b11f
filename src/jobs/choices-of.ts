/** The choices that give a run's configuration again. */
import { backboneChoices } from "../backbones/index.ts";
import type { Choices } from "../runs/configure/configure.ts";
import type { RunConfig } from "../train/run-config.ts";

type Choice = "method" | "settings" | "training" | "backbone" | "backboneOptions";

/**
 * Method, backbone and the settings of both and of the optimiser. All other choices have the same name in
 * both.
 */
export function choicesOf(
  config: Pick<RunConfig, "method" | "backbone" | "training">,
): Required<Pick<Choices, Choice>> {
  const { method, backbone, training } = config;
  return { method: method.name, settings: method.settings, training, ...backboneChoices(backbone) };
}

/** The configuration of a distillation that continues. */
import type { LabelDistillationSettings } from "../../methods/label-distillation.ts";
import { optionName } from "../../options/option-name.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { DistillOptions } from "../distill-options.ts";
import { givenAgain, requireSame } from "../finetune/require-same.ts";
import { type ContinuedConfig, continuedConfig } from "../resume/continued-config.ts";

/**
 * Epochs, minutes and the optimiser's numbers may change, and the machine; everything else must be as it was.
 * The teacher may be in another folder, but must have the same weights: states of the run leave them out.
 *
 * @param fresh what the same options would begin now.
 * @throws AfterimageError `train/run-folder` for another teacher, other pictures, labels or choices.
 */
export function continuedDistill(
  options: DistillOptions,
  before: RunConfig,
  fresh: RunConfig,
  folder: string,
): ContinuedConfig {
  requireSame(folder, "method", fresh.method.name, before.method.name);
  const [own, kept] = [fresh, before].map(({ method }) => method.settings as LabelDistillationSettings) as [
    LabelDistillationSettings,
    LabelDistillationSettings,
  ];
  const taught = `the teacher that the run began with, ${kept.teacher.run} at step ${kept.teacher.step}`;
  requireSame(folder, optionName("run"), own.teacher.weights, kept.teacher.weights, taught);
  const began = "the encoder that the run began with";
  requireSame(folder, optionName("from"), fresh.labels?.from?.weights, before.labels?.from?.weights, began);
  requireSame(folder, optionName("backbone"), fresh.backbone, before.backbone);
  requireSame(folder, optionName("imageSize"), fresh.imageSize, before.imageSize);
  for (const name of ["temperature", "labelWeight"] as const)
    if (options[name] !== undefined) requireSame(folder, optionName(name), own[name], kept[name]);
  if (options.labels !== undefined)
    requireSame(folder, optionName("labels"), options.labels, before.labels?.amount);
  const pictures = "the pictures and labels of the run";
  requireSame(folder, "pictures", fresh.data.fingerprint, before.data.fingerprint, pictures);
  return continuedConfig(
    givenAgain(options),
    before,
    fresh.environment ?? (before.environment as NonNullable<RunConfig["environment"]>),
    folder,
  );
}

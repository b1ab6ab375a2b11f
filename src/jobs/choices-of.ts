/** A run's configuration as the choices that lead to it again. */
import type { RunConfig } from "../train/run-config.ts";
import type { Choices } from "./configure.ts";

type Backbone = Required<Pick<Choices, "backbone" | "backboneOptions">>;

/** Method, backbone and the settings of both and of the optimiser; all else has one name in both. */
export function choicesOf({
  method,
  backbone,
  training,
}: Pick<RunConfig, "method" | "backbone" | "training">) {
  return { method: method.name, settings: method.settings, training, ...backboneChoices(backbone) };
}

/** A ViT's kept name says its patch size too; a ResNet's width is kept in channels. */
function backboneChoices({ name, settings }: RunConfig["backbone"]): Backbone {
  const { width, stem, norm, patch, dropPath } = settings as {
    width: number;
    stem?: "cifar" | "imagenet";
    norm?: "batch" | "group" | "layer";
    patch: number;
    dropPath: number;
  };
  const backboneOptions =
    stem === undefined ? { patch, dropPath } : { widthMultiplier: width / 64, stem, ...(norm && { norm }) };
  return { backbone: name.replace(/_patch\d+$/, ""), backboneOptions };
}

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

function backboneChoices({ name, settings }: RunConfig["backbone"]): Backbone {
  const { width, stem, patch, dropPath } = settings as {
    width: number;
    stem: "cifar" | "imagenet";
    patch: number;
    dropPath: number;
  };
  return name.startsWith("vit")
    ? { backbone: name.replace(/_patch\d+$/, ""), backboneOptions: { patch, dropPath } }
    : { backbone: name, backboneOptions: { widthMultiplier: width / 64, stem } };
}

/** The network of a run that learns from labels, from its configuration. */
import { restoreBackbone } from "../backbones/index.ts";
import { sourceEncoder } from "../methods/fine-tuning.ts";
import type { FineTuningSettings } from "../methods/recipes/fine-tuning.ts";
import { classifierHead } from "../nn/classifier-head.ts";
import { TEACHER } from "../train/graph-names.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Values } from "../train/values.ts";
import type { Classifier } from "./classifier.ts";
import type { LabelTask } from "./label-task.ts";

/** The settings of a fine-tuning; the configuration was checked against their schema. */
export function fineTuningSettingsOf({ method }: Pick<RunConfig, "method">): FineTuningSettings {
  return method.settings as FineTuningSettings;
}

/** What all methods that learn from labels know of their network. */
export type LabelNetworkSettings = Pick<
  FineTuningSettings,
  "task" | "outputs" | "source" | "keptHead" | "headLayers" | "headWidth" | "dropout"
>;

/** The network of a run that learns from labels; the configuration was checked against their schema. */
export function networkSettingsOf({ method }: Pick<RunConfig, "method">): LabelNetworkSettings {
  return method.settings as LabelNetworkSettings;
}

/** The encoder and the head of a configuration. */
export function networkOfRun(config: Pick<RunConfig, "method" | "backbone">): Classifier {
  const settings = networkSettingsOf(config);
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  return {
    backbone: sourceEncoder(backbone, settings.source),
    head: (scope, features) => classifierHead(scope, features, settings),
  };
}

/** The values of the average of the weights, under the paths of the network itself. */
export function averagedValues(values: Values): Values {
  const prefix = `${TEACHER}.`;
  const own = [...values].filter(([path]) => path.startsWith(prefix));
  return new Map(own.map(([path, data]) => [path.slice(prefix.length), data]));
}

/** What the labels of a run are. */
export function taskOfRun(config: Pick<RunConfig, "method" | "labels">): LabelTask {
  const { names = [], scale } = config.labels ?? {};
  return { kind: networkSettingsOf(config).task, names, ...(scale && { scale }) };
}

/** The network that a student learns from: a run that learned from labels. */
import type { TeacherSettings } from "../../methods/label-distillation.ts";
import { valuesHash } from "../../train/values-hash.ts";
import { networkSettingsOf } from "../../transfer/network-of-run.ts";
import { type OpenClassifier, openClassifier } from "../open-classifier.ts";

export interface Teacher extends OpenClassifier {
  /** What the configuration of the student keeps of it. */
  settings: TeacherSettings;
}

/**
 * @param onNote called for files that are missing or ignored.
 * @throws AfterimageError `train/run-folder` when a folder is not a run, has no checkpoint yet, or its run
 * has no head for labels.
 */
export async function openTeacher(run: string, onNote: (message: string) => void): Promise<Teacher> {
  const classifier = await openClassifier(run, onNote);
  const { config, imageSize, step, values } = classifier;
  const { source, keptHead, headLayers, headWidth } = networkSettingsOf(config);
  const { name, settings } = config.backbone;
  return {
    ...classifier,
    settings: {
      ...{ run, step, weights: valuesHash(values), imageSize, backbone: { name, settings } },
      ...{ source, keptHead, headLayers, headWidth },
    },
  };
}

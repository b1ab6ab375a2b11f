/** The network that a student learns from: a run that learned from labels. */
import { contentHash, textHash } from "../../data/content-hash.ts";
import { bytesOf } from "../../formats/named-array.ts";
import type { TeacherSettings } from "../../methods/label-distillation.ts";
import type { Values } from "../../train/values.ts";
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
      ...{ run, step, weights: hashOf(values), imageSize, backbone: { name, settings } },
      ...{ source, keptHead, headLayers, headWidth },
    },
  };
}

function hashOf(values: Values): string {
  const hashes = [...values].map(([path, data]) => [path, contentHash(bytesOf(data))] as const);
  return textHash(JSON.stringify(hashes.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Writes the network of a run that learned from labels as an ONNX file. */
import { onnxClassifier } from "../export/onnx-classifier.ts";
import type { Program } from "../tensor/index.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import type { OpenClassifier } from "./open-classifier.ts";
import { encoderFacts } from "./write-encoder.ts";

export interface WrittenClassifier
  extends Pick<OpenClassifier, "config" | "backbone" | "head" | "values" | "task" | "temperature"> {
  opset?: number;
}

/** @returns the path written. */
export async function writeClassifier(path: string, classifier: WrittenClassifier): Promise<string> {
  await writeFileWhole(path, classifierModel(classifier).bytes);
  return path;
}

/** The network as it will be written. */
export function classifierModel({ config, opset, ...network }: WrittenClassifier): Program {
  const { backbone: _, image_size: __, ...metadata } = encoderFacts(config, network.backbone);
  const { imageSize } = config;
  return onnxClassifier({ ...network, imageSize, metadata, ...(opset === undefined ? {} : { opset }) });
}

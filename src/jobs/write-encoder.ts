/** Writes a run's encoder as an ONNX file. */
import type { Backbone } from "../backbones/backbone.ts";
import { onnxEncoder } from "../export/onnx-encoder.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Values } from "../train/values.ts";

/** @returns the path written. */
export async function writeEncoder(
  path: string,
  { config, backbone, values }: { config: RunConfig; backbone: Backbone; values: Values },
): Promise<string> {
  const { backbone: _, image_size: __, ...metadata } = encoderFacts(config, backbone);
  const { bytes } = onnxEncoder({ backbone, values, imageSize: config.imageSize, metadata });
  await writeFileWhole(path, bytes);
  return path;
}

/** What the file says of the run it is from; the network and its pictures' size are said of every encoder. */
export function encoderFacts(config: RunConfig, { name }: Pick<Backbone, "name">) {
  return {
    method: config.method.name,
    seed: `${config.seed}`,
    pictures: `${config.data.pictures}`,
    backbone: name,
    image_size: `${config.imageSize}`,
    canvas: `${config.canvas}`,
  };
}

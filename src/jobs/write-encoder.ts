/** Writes a run's encoder as an ONNX file. */
import type { Backbone } from "../backbones/backbone.ts";
import { onnxEncoder } from "../export/onnx-encoder.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import type { Values } from "../train/values.ts";

/** @returns the path written. */
export async function writeEncoder(
  path: string,
  { config, backbone, values }: { config: RunConfig; backbone: Backbone; values: Values },
): Promise<string> {
  const metadata = {
    method: config.method.name,
    seed: `${config.seed}`,
    pictures: `${config.data.pictures}`,
    background: backgroundOf(config),
  };
  const { bytes } = onnxEncoder({ backbone, values, imageSize: config.imageSize, metadata });
  await writeFileWhole(path, bytes);
  return path;
}

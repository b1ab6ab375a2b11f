/** Writes a run's encoder as an ONNX file. */
import type { Backbone } from "../backbones/backbone.ts";
import { AfterimageError } from "../errors.ts";
import { onnxEncoder } from "../export/onnx-encoder.ts";
import { encoderOf } from "../methods/encoder-of.ts";
import { MOST_BYTES } from "../onnx/model.ts";
import { optionName } from "../options/option-name.ts";
import type { Program } from "../tensor/index.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import { encoderLengths, type Values } from "../train/values.ts";

/** @returns the path written. */
export async function writeEncoder(path: string, encoder: WrittenEncoder): Promise<string> {
  await writeFileWhole(path, encoderProgram(encoder).bytes);
  return path;
}

export interface WrittenEncoder {
  config: RunConfig;
  backbone: Backbone;
  values: Values;
  opset?: number;
}

/** The encoder as it will be written. */
export function encoderProgram({ config, backbone, values, opset }: WrittenEncoder): Program {
  const { backbone: _, image_size: __, ...metadata } = encoderFacts(config, backbone);
  return onnxEncoder({
    backbone,
    values,
    imageSize: config.imageSize,
    metadata,
    ...(opset === undefined ? {} : { opset }),
  });
}

/**
 * Checks before a run whether its encoder fits into one ONNX file.
 *
 * @throws AfterimageError `onnx/size`.
 */
export function requireExportable(config: RunConfig): void {
  const lengths = encoderLengths(encoderOf(config), config.imageSize, "student");
  const bytes = [...lengths.values()].reduce((sum, length) => sum + 4 * length, 0);
  if (bytes <= MOST_BYTES) return;
  throw new AfterimageError("onnx/size", {
    what: "the encoder is too large for an ONNX file",
    where: config.backbone.name,
    expected: `weights of at most ${Math.floor(MOST_BYTES / 1e6)} MB`,
    got: `${Math.ceil(bytes / 1e6)} MB`,
    todo: `Choose a smaller ${optionName("widthMultiplier")} or another ${optionName("backbone")}.`,
  });
}

/**
 * The facts about its run that the file contains. The network and its pictures' size are added for every
 * encoder.
 */
export function encoderFacts(config: RunConfig, { name }: Pick<Backbone, "name">) {
  return {
    method: config.method.name,
    seed: `${config.seed}`,
    pictures: `${config.data.pictures}`,
    backbone: name,
    image_size: `${config.imageSize}`,
    canvas: `${config.canvas}`,
    background: backgroundOf(config),
  };
}

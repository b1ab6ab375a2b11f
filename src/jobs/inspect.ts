/** Shows the contents of a run or an ONNX model. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AfterimageError } from "../errors.ts";
import { onnxClassifier } from "../export/onnx-classifier.ts";
import { onnxEncoder } from "../export/onnx-encoder.ts";
import { decodeModel, type OnnxModel, type OnnxValue } from "../onnx/model.ts";
import { checkOptions } from "../options/check-options.ts";
import { Notes } from "../runs/notes.ts";
import type { Program } from "../tensor/index.ts";
import { type LoadedRun, loadRun, runPaths } from "../train/node/run-folder.ts";
import { hasLabels, type RunConfig } from "../train/run-config.ts";
import { taskOfRun } from "../transfer/network-of-run.ts";
import { type EncoderFacts, isEncoderFolder, readEncoderFolder } from "./encoders/encoder-folder.ts";
import { inspectOptions } from "./inspect-options.ts";
import { networkOf } from "./open-classifier.ts";

export interface InspectResult {
  source: string;
  /** Absent for a bare ONNX file and an imported encoder. */
  config?: RunConfig;
  /** What an imported encoder is, and how it sees pictures. */
  encoder?: EncoderFacts;
  /** Optimiser steps of the run's last checkpoint. */
  step?: number;
  /** Path of the method's reconstructions, if the run has them. */
  reconstructions?: string;
  inputs: readonly Omit<OnnxValue, "type">[];
  outputs: readonly Omit<OnnxValue, "type">[];
  layers: { path: string; shape: readonly number[]; parameters: number }[];
  parameters: number;
  /** Nodes by operator, most frequent first. */
  operators: [name: string, count: number][];
  notes: readonly string[];
}

/**
 * @param target a run folder, the folder of an imported encoder, or an `.onnx` file.
 * @throws AfterimageError `usage/value` or `usage/missing` for no text; `data/missing`, `onnx/format` or
 * `train/run-folder`; the errors of `readEncoderFolder`.
 */
export async function inspect(target: string): Promise<InspectResult> {
  checkOptions("inspect", { target }, inspectOptions);
  const info = await stat(target).catch(() => null);
  if (info === null) {
    throw new AfterimageError("data/missing", { what: "there is no such run or model", where: target });
  }
  if (info.isFile())
    return { source: target, ...describe(decodeModel(await readFile(target), target)), notes: [] };
  if (isEncoderFolder(target)) {
    const { facts, backbone, values, imageSize } = readEncoderFolder(target);
    const { model } = onnxEncoder({ backbone, values, imageSize });
    return { source: target, encoder: facts, ...describe(model), notes: [] };
  }
  const notes = new Notes();
  const loaded = await loadRun(target, notes.add);
  const { config, checkpoint } = loaded;
  const { model } = programOf(target, loaded);
  const { reconstructions } = runPaths(target);
  const isThere = await stat(reconstructions).catch(() => null);
  return {
    source: join(target, "checkpoints"),
    config,
    step: checkpoint.step,
    ...(isThere !== null && { reconstructions }),
    ...describe(model),
    notes: notes.list,
  };
}

/** The encoder; of a run that learned from labels with its head. */
function programOf(run: string, loaded: LoadedRun): Program {
  const { config, backbone, values } = loaded;
  const { imageSize } = config;
  if (!hasLabels(config)) return onnxEncoder({ backbone, values, imageSize });
  const network = networkOf(run, loaded);
  return onnxClassifier({ ...network, imageSize, task: taskOfRun(config), temperature: 1 });
}

function describe(model: OnnxModel): Omit<InspectResult, "source" | "notes"> {
  const weights = model.initializers.filter(
    ({ type, name }) => type === "float32" && !name.startsWith("constant"),
  );
  const layers = weights.map(({ name, shape }) => ({
    path: name,
    shape,
    // Running statistics are stored with the network but not learned by gradient.
    parameters: /\.running_(mean|var)$/.test(name) ? 0 : shape.reduce((product, size) => product * size, 1),
  }));
  const counts = new Map<string, number>();
  for (const { operator } of model.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const plain = ({ name, shape }: OnnxValue) => ({ name, shape });
  return {
    inputs: model.inputs.map(plain),
    outputs: model.outputs.map(plain),
    layers,
    parameters: layers.reduce((sum, layer) => sum + layer.parameters, 0),
    operators: [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])),
  };
}

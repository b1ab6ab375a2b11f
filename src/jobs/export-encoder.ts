/** Exports a run's encoder to other programs. */
import { extname } from "node:path";
import { OWN_PREPROCESSING } from "../augment/preprocessing.ts";
import type { Normalization } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { firstNotFinite } from "../data/first-not-finite.ts";
import { AfterimageError } from "../errors.ts";
import { EXPORT_OPSET, onnxEncoder } from "../export/onnx-encoder.ts";
import { checkOptions } from "../options/check-options.ts";
import { optionName } from "../options/option-name.ts";
import { canvasFor } from "../runs/configure/configure.ts";
import { Notes } from "../runs/notes.ts";
import { runOnce } from "../runtime/session.ts";
import { type Program, sizeOf } from "../tensor/index.ts";
import { loadRun } from "../train/node/run-folder.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import { hasLabels } from "../train/run-config.ts";
import { isEncoderFolder, readEncoderFolder } from "./encoders/encoder-folder.ts";
import { type ExportOptions, exportOptions } from "./export-options.ts";
import { classifierOfRun } from "./open-classifier.ts";
import { requireFilePlace } from "./places/require-file-place.ts";
import { requireNoRunFile } from "./places/require-no-input.ts";
import { classifierModel } from "./write-classifier.ts";
import { encoderProgram } from "./write-encoder.ts";

export type { ExportOptions } from "./export-options.ts";

export interface ExportResult {
  out: string;
  backbone: string;
  /** Optimiser steps of the encoder; null if it was imported. */
  step: number | null;
  imageSize: number;
  features: number;
  /** The labels whose logits are a further output; null for a run without a head for labels. */
  labels: readonly string[] | null;
  opset: number;
  notes: readonly string[];
}

/**
 * Writes the encoder of the run's last checkpoint, or an imported one, as one ONNX file with an open batch
 * axis. It runs once before it is written. Of a fine-tuned run the file also gives the logits, and knows its
 * labels.
 *
 * @throws AfterimageError `usage/value` when `out` does not end in `.onnx` or the operator set is not
 * supported; `export/write` when the file cannot be written; `train/run-folder` when there is no such run;
 * `evaluate/not-finite` when the encoder has diverged.
 */
export async function exportEncoder(options: ExportOptions): Promise<ExportResult> {
  checkOptions("exportEncoder", options, exportOptions);
  const { run, out, opset = EXPORT_OPSET } = options;
  if (extname(out).toLowerCase() !== ".onnx") {
    throw new AfterimageError("usage/value", {
      what: "an encoder can be exported only as ONNX",
      where: optionName("out"),
      expected: "a name that ends in .onnx",
      got: out,
    });
  }
  await requireFilePlace(out, "out");
  requireNoRunFile(out, run);
  const notes = new Notes();
  const model = isEncoderFolder(run) ? importedModel(run, opset) : await modelOf(run, opset, notes);
  const { backbone, step, imageSize, program, labels, normalize } = model;
  await tryProgram(program, run, normalize);
  await writeFileWhole(out, program.bytes);
  const { name, features } = backbone;
  return { out, backbone: name, step, imageSize, features, labels, opset, notes: notes.list };
}

/** A model as it will be written. */
interface Exported extends Pick<ExportResult, "step" | "imageSize" | "labels"> {
  backbone: Backbone;
  program: Program;
  normalize: Normalization;
}

async function modelOf(run: string, opset: number, notes: Notes): Promise<Exported> {
  const { normalize } = OWN_PREPROCESSING;
  const loaded = await loadRun(run, notes.add);
  const { config, backbone, values, checkpoint } = loaded;
  const { imageSize } = config;
  if (hasLabels(config)) {
    const classifier = await classifierOfRun(run, loaded, notes.add);
    const program = classifierModel({ ...classifier, opset });
    return { backbone, step: checkpoint.step, imageSize, program, labels: classifier.task.names, normalize };
  }
  const program = encoderProgram({ config, backbone, values, opset });
  return { backbone, step: checkpoint.step, imageSize, program, labels: null, normalize };
}

function importedModel(folder: string, opset: number): Exported {
  const { facts, backbone, values, imageSize, preprocessing } = readEncoderFolder(folder);
  const { interpolation, cropShare, normalize } = preprocessing;
  const metadata = {
    recognised: facts.recognised,
    source: facts.source.path,
    ...{ interpolation, crop_share: `${cropShare}` },
    ...{ canvas: `${canvasFor({ imageSize })}`, background: "auto" },
  };
  const program = onnxEncoder({ backbone, values, imageSize, normalize, opset, metadata });
  return { backbone, step: null, imageSize, program, labels: null, normalize };
}

/**
 * Runs an encoder on three pictures, the brightest possible, the darkest possible, and grey: the ends of its
 * inputs' range.
 */
async function tryProgram(program: Program, run: string, { mean, std }: Normalization): Promise<void> {
  const bright = Math.max(...mean.map((value, i) => (1 - value) / std[i]!));
  const dark = Math.min(...mean.map((value, i) => (0 - value) / std[i]!));
  const size = sizeOf(program.inputs[0]!.shape) / program.symbolic!.size;
  const pixels = new Float32Array(3 * size).fill(bright, 0, size).fill(dark, size, 2 * size);
  const outputs = await runOnce(program, { [program.inputs[0]!.name]: pixels });
  for (const name of ["features", "logits"]) {
    const numbers = (outputs[name] ?? []) as Float32Array;
    const at = firstNotFinite(numbers);
    if (at < 0) continue;
    throw new AfterimageError("evaluate/not-finite", {
      what: `the encoder gives ${name} that are not finite: its training has diverged`,
      where: run,
      got: `${numbers[at]}`,
      todo: "Train it again with a lower learning rate, or use an earlier checkpoint.",
    });
  }
}

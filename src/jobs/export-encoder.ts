/** Carries a run's encoder out of the project. */
import { extname } from "node:path";
import { AfterimageError } from "../errors.ts";
import { loadRun } from "../train/node/run-folder.ts";
import { Notes } from "./notes.ts";
import { requireFilePlace } from "./require-folder-place.ts";
import { requireNoRunFile } from "./require-no-input.ts";
import { writeEncoder } from "./write-encoder.ts";

export interface ExportOptions {
  /** A run folder. */
  run: string;
  /** The `.onnx` file to write. */
  out: string;
}

export interface ExportResult {
  out: string;
  backbone: string;
  /** Optimiser steps that the encoder has behind it. */
  step: number;
  imageSize: number;
  features: number;
  notes: readonly string[];
}

/**
 * Writes the encoder of the run's last checkpoint as one ONNX file with an open batch axis.
 *
 * @throws AfterimageError `usage/value` when `out` is no `.onnx` name; `train/run-folder` when there is no such run.
 */
export async function exportEncoder({ run, out }: ExportOptions): Promise<ExportResult> {
  if (extname(out).toLowerCase() !== ".onnx") {
    throw new AfterimageError("usage/value", {
      what: "an encoder is exported as ONNX",
      where: "--out",
      expected: "a name that ends in .onnx",
      got: out,
    });
  }
  requireFilePlace(out);
  requireNoRunFile(out, run);
  const notes = new Notes();
  const { config, backbone, values, checkpoint } = await loadRun(run, notes.add);
  await writeEncoder(out, { config, backbone, values });
  return {
    out,
    backbone: backbone.name,
    step: checkpoint.step,
    imageSize: config.imageSize,
    features: backbone.features,
    notes: notes.list,
  };
}

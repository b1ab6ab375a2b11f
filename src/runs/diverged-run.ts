/** A run that has diverged: detects it before any of its values are kept, and says what its user can do. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { extractFeatures } from "../train/encoder.ts";
import type { Trainer } from "../train/trainer.ts";

/** The number of pictures that an encoder is tested on. */
const TRIED = 8;

/**
 * Computes the features of a few pictures. Weights that are finite but far too large overflow here; only the
 * loss of the next step would show it, and after the last step there is none.
 *
 * @throws AfterimageError `evaluate/not-finite`.
 */
export async function tryEncoder(trainer: Trainer, dataset: PictureDataset, threads: number): Promise<void> {
  const { encoder: backbone, encoderValues: values, config } = trainer;
  const indices = Array.from({ length: Math.min(TRIED, dataset.size) }, (_, i) => i);
  await extractFeatures(dataset, { backbone, values, imageSize: config.imageSize, threads }, indices);
}

export interface Progress {
  /** Optimiser steps done. */
  step: number;
  /** Optimiser steps of the last checkpoint; 0 if there is none. */
  saved: number;
}

/**
 * The error of a run that has diverged, with advice for its user in this run. Other errors are returned as
 * they are.
 */
export function withWayBack(error: unknown, { step, saved }: Progress): unknown {
  if (!(error instanceof AfterimageError)) return error;
  const { code, evidence } = error;
  if (code !== "train/not-finite" && code !== "evaluate/not-finite") return error;
  const where = code === "train/not-finite" ? evidence.where : `step ${step}, ${evidence.where}`;
  const from =
    saved > 0 ? `continue from the checkpoint of step ${saved} with ${optionName("resume")}` : START_AGAIN;
  const todo = `Lower the learning rate, lengthen the warm-up or clip the gradient, and ${from}.`;
  return new AfterimageError(
    "train/not-finite",
    { ...evidence, ...(where && { where }), todo },
    { cause: error },
  );
}

const START_AGAIN = `start again with ${optionName("force")}: there is no checkpoint yet`;

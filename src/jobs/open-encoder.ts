import { OWN_PREPROCESSING, type Preprocessing } from "../augment/preprocessing.ts";
import { canvasFor } from "../runs/configure/configure.ts";
import type { EncoderSnapshot } from "../runs/observer.ts";
import { type LoadedRun, loadRun } from "../train/node/run-folder.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import { isEncoderFolder, readEncoderFolder } from "./encoders/encoder-folder.ts";
import type { EncoderInMemory } from "./given-encoder.ts";

/** An encoder as jobs use it. */
export interface OpenEncoder extends EncoderSnapshot, Pick<RunConfig, "canvas" | "background" | "seed"> {
  /** Its name in results. */
  name: string;
  /** How it sees a picture. */
  preprocessing: Preprocessing;
  /** Optimiser steps of the encoder; null if it is not from a run. */
  step: number | null;
  /** Epochs of the whole run; null if it is not from a run. */
  epochs: number | null;
}

/**
 * The encoder of a run at its last checkpoint, an imported one, or the given one.
 *
 * @param onNote called for each damaged checkpoint that is replaced by an older one.
 * @throws AfterimageError `train/run-folder` when a folder is neither an encoder nor a run, or has no
 * checkpoint yet; the errors of `readEncoderFolder`.
 */
export async function openEncoder(
  run: string | EncoderInMemory,
  onNote: (message: string) => void,
): Promise<OpenEncoder> {
  if (typeof run !== "string") {
    const { seed = 0, imageSize, canvas = canvasFor({ imageSize }), preprocessing = OWN_PREPROCESSING } = run;
    const { backbone, values } = run;
    const seen = { imageSize, canvas, preprocessing, background: "auto" as const };
    return { backbone, values, ...seen, seed, name: "(in memory)", ...NO_RUN };
  }
  if (isEncoderFolder(run)) {
    const { backbone, values, imageSize, preprocessing } = readEncoderFolder(run);
    const seen = { imageSize, canvas: canvasFor({ imageSize }), preprocessing, background: "auto" as const };
    return { backbone, values, ...seen, seed: 0, name: run, ...NO_RUN };
  }
  return encoderOfRun(run, await loadRun(run, onNote));
}

/** The encoder of a run that is loaded. */
export function encoderOfRun(run: string, { config, backbone, values, checkpoint }: LoadedRun): OpenEncoder {
  const { imageSize, canvas, seed, epochs } = config;
  const background = backgroundOf(config);
  const seen = { imageSize, canvas, preprocessing: OWN_PREPROCESSING, background };
  return { backbone, values, ...seen, seed, name: run, step: checkpoint.step, epochs };
}

const NO_RUN = { step: null, epochs: null };

import { canvasFor } from "../runs/configure/configure.ts";
import type { EncoderSnapshot } from "../runs/observer.ts";
import { loadRun } from "../train/node/run-folder.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import type { EncoderInMemory } from "./given-encoder.ts";

/** An encoder as jobs use it. */
export interface OpenEncoder extends EncoderSnapshot, Pick<RunConfig, "canvas" | "background" | "seed"> {
  /** Its name in results. */
  name: string;
  /** Optimiser steps of the encoder; null if it is not from a run. */
  step: number | null;
  /** Epochs of the whole run; null if it is not from a run. */
  epochs: number | null;
}

/**
 * The encoder of a run at its last checkpoint, or the given one.
 *
 * @param onNote called for each damaged checkpoint that is replaced by an older one.
 * @throws AfterimageError `train/run-folder` when a folder is not a run or has no checkpoint yet.
 */
export async function openEncoder(
  run: string | EncoderInMemory,
  onNote: (message: string) => void,
): Promise<OpenEncoder> {
  if (typeof run !== "string") {
    const { seed = 0, imageSize, canvas = canvasFor({ imageSize }) } = run;
    const { backbone, values } = run;
    return { backbone, values, imageSize, canvas, background: "auto", seed, ...IN_MEMORY };
  }
  const { config, backbone, values, checkpoint } = await loadRun(run, onNote);
  const { imageSize, canvas, seed, epochs } = config;
  const background = backgroundOf(config);
  return { backbone, values, imageSize, canvas, background, seed, name: run, step: checkpoint.step, epochs };
}

const IN_MEMORY = { name: "(in memory)", step: null, epochs: null };

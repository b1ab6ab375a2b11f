import { canvasFor } from "../runs/configure/configure.ts";
import type { EncoderSnapshot } from "../runs/observer.ts";
import { loadRun } from "../train/node/run-folder.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import type { EncoderInMemory } from "./given-encoder.ts";

/** What jobs need to know of an encoder. */
export interface OpenEncoder extends EncoderSnapshot, Pick<RunConfig, "canvas" | "background" | "seed"> {
  /** How a result names it. */
  name: string;
  /** Optimiser steps behind it; null where it is no run's. */
  step: number | null;
  /** Epochs of the whole run; null where it is no run's. */
  epochs: number | null;
}

/**
 * The encoder of a run at its last checkpoint, or the one that is given.
 *
 * @param onNote told of each damaged checkpoint for which an older one is taken.
 * @throws AfterimageError `train/run-folder` when a folder is no run or has no checkpoint yet.
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

/** Kinds of options that all jobs that train have. */
import * as z from "zod";
import { option } from "../options/option-facts.ts";
import { optionName } from "../options/option-name.ts";
import type { TrainingConfig } from "../train/run-config.ts";
import { record, text } from "./option-kinds.ts";

/** @param fallback the default, in words. */
export function out(fallback: string) {
  return option(text(), { description: "run folder", fallback, placeholder: "folder" });
}

export function resume() {
  return option(z.union([z.boolean(), z.literal("auto")]), {
    description: `resume the run in ${optionName("out")} from its last checkpoint; auto: start a run if there is none`,
    placeholder: "auto",
    expected: "auto, true or false",
    inFile: false,
  });
}

export function force() {
  return option(z.boolean(), {
    description: `start over: delete the files of an existing run in ${optionName("out")}`,
    inFile: false,
  });
}

export function batchSize() {
  return option(z.int().min(2), {
    description: "pictures per step",
    fallback: "128; with fewer than 512 pictures, a power of two from 16 on that gives four steps per epoch",
  });
}

export function microBatch() {
  return option(z.int().min(2), {
    description:
      "pictures to compute at a time, to save memory; divides the batch size, and does not change its gradient",
    fallback: "the batch size",
  });
}

/**
 * Settings of the optimiser; the one that is changed most often has its own flag.
 *
 * @param rate the default learning rate, in words.
 */
export function training(rate: string) {
  return record<Partial<TrainingConfig>>({
    description: "settings of the optimiser",
    shown: "never",
    inFile: true,
    holds: {
      learningRate: option(z.number().min(0), {
        description: "peak learning rate of the optimiser",
        fallback: rate,
      }),
    },
  });
}

export function provider() {
  return option(text(), {
    description: "execution provider of ONNX Runtime: cpu, webgpu, cuda, … if available",
    fallback: "cpu",
    placeholder: "name",
  });
}

export function signal() {
  return option(z.instanceof(AbortSignal), {
    description: "ends the run after the step in progress, with a checkpoint",
    expected: "an AbortSignal",
    shown: "never",
  });
}

/** Refuses a step that cannot fit into memory, before it is loaded. */
import { AfterimageError } from "../errors.ts";
import type { Program } from "../tensor/index.ts";
import { sizeOf } from "../tensor/index.ts";

/** Of a process that has loaded the runtime and computes nothing. */
const BASE = 100e6;
/**
 * The runtime takes about what shapes say, and with its rounding up twice as much: measured peaks of whole processes are
 * 1250 MB for 349 (ResNet-18, batch 64), 1930 for 1397 (batch 256), 990 for 805 (ViT-Ti/4), 1373 for 916 (ViT-S/16).
 */
const AT_LEAST = 0.9;
const USUALLY = 2;

export interface StepSize {
  batchSize: number;
  microBatch: number;
  /** Of the programs that hold memory at one time. */
  programs: readonly Pick<Program, "inputs" | "peakBytes">[];
}

/**
 * @param available bytes.
 * @throws AfterimageError `train/memory` with the micro-batch that would fit.
 */
export function requireRoom({ batchSize, microBatch, programs }: StepSize, available: number): void {
  const fixed = BASE + 2 * Math.max(...programs.map(valueBytes));
  const peak = Math.max(...programs.map(({ peakBytes }) => peakBytes));
  if (fixed + AT_LEAST * peak <= available) return;
  const fitting = divisorsOf(batchSize).filter(
    (part) => part < microBatch && fixed + USUALLY * peak * (part / microBatch) <= available,
  );
  const best = fitting.at(-1);
  throw new AfterimageError("train/memory", {
    what: "there is not enough memory for a step",
    where: `${microBatch} pictures at a time`,
    expected: `at least ${inMb(fixed + AT_LEAST * peak)}`,
    got: inMb(available),
    todo:
      best === undefined
        ? "Choose smaller pictures or a smaller backbone."
        : `${best} pictures at a time would fit: --micro-batch ${best} has the gradient of the whole batch.`,
  });
}

/** Weights, slots and state are fed, and come back. */
function valueBytes({ inputs }: Pick<Program, "inputs">): number {
  return inputs.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}

/** Sizes that a batch divides into, 2 or more, from the smallest on. */
function divisorsOf(batchSize: number): number[] {
  return Array.from({ length: batchSize - 1 }, (_, i) => i + 2).filter((part) => batchSize % part === 0);
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}

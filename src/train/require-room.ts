/**
 * Refuses a step that cannot fit into memory before it is loaded. If one runs out of memory all the same,
 * explains why.
 */

import { AfterimageError } from "../errors.ts";
import { optionName, optionValues } from "../options/option-name.ts";
import type { Program } from "../tensor/index.ts";
import { sizeOf } from "../tensor/index.ts";

/** Bytes of a process that has loaded the runtime and computes nothing. */
const BASE = 100e6;
/**
 * Measured peak memory, less the process's base, divided by the estimate from shapes. Without the runtime's
 * memory plan it is 1.1 to 1.4, or 1.9 for sizes just above a power of two, which the runtime's arena
 * allocates. With the plan it is 2.2 to 4.0 (ResNet-18 at a quarter of its width in parts of 8 to 48, at
 * batch 64 and 256; ViT-Ti/4; ViT-S/16).
 */
const AT_LEAST = 0.9;
const USUALLY = 2;
const WITH_PLAN = 4;

export interface StepSize {
  batchSize: number;
  microBatch: number;
  /** The programs that are in memory at the same time. */
  programs: readonly Pick<Program, "inputs" | "peakBytes">[];
}

/**
 * @param available bytes.
 * @throws AfterimageError `train/memory` with the micro-batch that would fit.
 */
export function requireRoom(size: StepSize, available: number): void {
  const { fixed, peak } = bytesOf(size);
  const needed = fixed + AT_LEAST * peak;
  if (needed <= available) return;
  throw lackOfRoom(size, `at least ${inMb(needed)}`, available, size.microBatch - 1);
}

/** Whether a step has room for the runtime's plan of its memory. */
export function hasRoomForPlan(size: StepSize, available: number): boolean {
  const { fixed, peak } = bytesOf(size);
  return fixed + WITH_PLAN * peak <= available;
}

/**
 * The error to report for an error of a step. If memory was refused while the step was loaded or ran, it says
 * how much the step usually takes and what would fit. {@link requireRoom} lets such steps pass, because it
 * checks only the least that a step can take.
 */
export function explainRefusal(error: unknown, size: StepSize, available: number): unknown {
  if (!(error instanceof Error) || !REFUSAL.test(error.message)) return error;
  const { fixed, peak } = bytesOf(size);
  const usual = `${inMb(fixed + USUALLY * peak)}, as steps of this size usually take`;
  return lackOfRoom(size, usual, available, size.microBatch / 2, error);
}

/**
 * The error to report for an error while a step was built. If its constants exceed what a graph may hold, or
 * an array what JavaScript allows, it says which choices make the step smaller.
 */
export function explainSize(error: unknown, size: Pick<StepSize, "microBatch">): unknown {
  const isTooLarge = error instanceof AfterimageError && error.code === "onnx/size";
  if (!isTooLarge && !(error instanceof RangeError)) return error;
  const { expected, got } = error instanceof AfterimageError ? error.evidence : { got: error.message };
  return new AfterimageError(
    "onnx/size",
    {
      what: "the graph of a step is larger than it can be",
      where: `${size.microBatch} pictures at a time`,
      ...(expected !== undefined && { expected }),
      ...(got !== undefined && { got }),
      todo: `A smaller ${optionName("imageSize")} makes it smaller, and so does a smaller ${optionName("microBatch")}.`,
    },
    { cause: error },
  );
}

/** How the C++ library, ONNX Runtime and JavaScript's engine say it. */
const REFUSAL = /\bbad_alloc\b|bad allocation|Failed to allocate memory|allocation failed/;

function lackOfRoom(
  size: StepSize,
  expected: string,
  available: number,
  most: number,
  cause?: unknown,
): AfterimageError {
  const { fixed, peak } = bytesOf(size);
  const best = divisorsOf(size.batchSize)
    .filter((part) => part <= most && fixed + USUALLY * peak * (part / size.microBatch) <= available)
    .at(-1);
  return new AfterimageError(
    "train/memory",
    {
      what: "there is not enough memory for a step",
      where: `${size.microBatch} pictures at a time`,
      expected,
      ...(Number.isFinite(available) && { got: inMb(available) }),
      todo:
        best === undefined
          ? "Choose smaller pictures or a smaller backbone."
          : `${best} pictures at a time would fit: ${optionValues({ microBatch: best })} has the gradient of the whole batch.`,
    },
    { cause },
  );
}

/** Bytes of a step: those that do not depend on the number of pictures, and those that grow with it. */
function bytesOf({ programs }: StepSize): { fixed: number; peak: number } {
  return {
    fixed: BASE + 2 * Math.max(...programs.map(valueBytes)),
    peak: Math.max(...programs.map(({ peakBytes }) => peakBytes)),
  };
}

/** Bytes of weights, slots and state, which are both inputs and outputs. */
function valueBytes({ inputs }: Pick<Program, "inputs">): number {
  return inputs.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}

/** Divisors of the batch size, 2 or more, in ascending order. */
function divisorsOf(batchSize: number): number[] {
  return Array.from({ length: batchSize - 1 }, (_, i) => i + 2).filter((part) => batchSize % part === 0);
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
}

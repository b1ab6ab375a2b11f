/** The number of pictures in a step, and the number computed at a time. */
import { AfterimageError } from "../../errors.ts";
import { optionName, optionValues } from "../../options/option-name.ts";
import { outOfRange } from "./out-of-range.ts";

const LARGEST_DEFAULT_BATCH = 128;
const SMALL_BATCH = 16;
/**
 * If there are few pictures, large batches give few steps, and leave out many pictures at the end of every
 * epoch.
 */
const FEWEST_STEPS = 4;

/**
 * 128 from 512 pictures on. Below that, a power of two that gives an epoch four steps, but at least 16 unless
 * there are fewer pictures.
 */
function defaultBatchSize(pictures: number): number {
  const batch = Math.max(SMALL_BATCH, powerOfTwoIn(pictures / FEWEST_STEPS));
  return Math.min(LARGEST_DEFAULT_BATCH, batch, powerOfTwoIn(pictures));
}

function powerOfTwoIn(count: number): number {
  return 2 ** Math.floor(Math.log2(count));
}

/**
 * The batch size that was asked for, or the default.
 *
 * @throws AfterimageError `usage/value`, or `data/too-small` when there are fewer pictures.
 */
export function batchSizeFor(asked: number | undefined, pictures: number): number {
  if (pictures < 2) {
    throw new AfterimageError("data/too-small", {
      what: "there are too few pictures to train on",
      expected: "at least 2 pictures, and in practice some hundreds",
      got: `${pictures}`,
    });
  }
  if (asked === undefined) return defaultBatchSize(pictures);
  if (!Number.isInteger(asked) || asked < 2)
    throw outOfRange("batchSize", "a whole number, 2 or more", asked);
  if (asked > pictures) {
    throw new AfterimageError("data/too-small", {
      what: "the batch is larger than the data set",
      expected: `${optionName("batchSize")} of at most ${pictures}`,
      got: `${asked}`,
    });
  }
  return asked;
}

export interface AskedParts {
  microBatch?: number | undefined;
  /** Absent if the batch size is the default. */
  batchSize?: number | undefined;
}

export interface AskedParts {
  microBatch?: number | undefined;
  /** Absent for the default. */
  batchSize?: number | undefined;
}

/**
 * The number of pictures computed at a time: as asked, or the whole batch. If a batch of the default size is
 * smaller than what was asked for, it is computed whole.
 *
 * @throws AfterimageError `usage/value` unless the micro-batch divides the batch and has at least two
 * pictures.
 */
export function microBatchFor(asked: AskedParts, batchSize: number): number {
  const { microBatch = batchSize } = asked;
  const isPossible = Number.isInteger(microBatch) && microBatch >= 2;
  if (asked.batchSize === undefined && isPossible) {
    if (powerOfTwoIn(microBatch) !== microBatch) throw noPowerOfTwo(microBatch);
    return Math.min(microBatch, batchSize);
  }
  if (isPossible && batchSize % microBatch === 0) return microBatch;
  throw outOfRange("microBatch", `a divisor of the batch size ${batchSize}, 2 or more`, microBatch);
}

/**
 * The error for a micro-batch that is not a power of two if the batch size is the default. That size depends
 * on the pictures, which may not have been read, but it is always a power of two.
 */
function noPowerOfTwo(microBatch: number): AfterimageError {
  const batch = microBatch * Math.max(1, Math.round(LARGEST_DEFAULT_BATCH / microBatch));
  return new AfterimageError("usage/value", {
    what: "the default batch size is not a multiple of this micro-batch",
    where: optionName("microBatch"),
    expected: `a power of two, as the default batch size is (${LARGEST_DEFAULT_BATCH}, or less below 512 pictures)`,
    got: `${microBatch}`,
    todo: `Choose a power of two, or set both: ${optionValues({ batchSize: batch, microBatch })}.`,
  });
}

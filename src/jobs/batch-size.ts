/** How many pictures a step has, and how many of them are computed with at a time. */
import { AfterimageError } from "../errors.ts";
import { optionName, optionValues } from "../options/option-name.ts";
import { outOfRange } from "./out-of-range.ts";

const LARGEST_DEFAULT_BATCH = 128;
const SMALL_BATCH = 16;
/** Of few pictures, large batches make few steps, and leave out many pictures at the end of every epoch. */
const FEWEST_STEPS = 4;

/**
 * 128 from 512 pictures on; below, a power of two that makes four steps of an epoch, but not below 16 unless
 * all are fewer.
 */
function defaultBatchSize(pictures: number): number {
  const batch = Math.max(SMALL_BATCH, powerOfTwoIn(pictures / FEWEST_STEPS));
  return Math.min(LARGEST_DEFAULT_BATCH, batch, powerOfTwoIn(pictures));
}

function powerOfTwoIn(count: number): number {
  return 2 ** Math.floor(Math.log2(count));
}

/**
 * The batch that is asked for, or the default.
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
  /** Left out where the batch size is the default. */
  batchSize?: number | undefined;
}

export interface AskedParts {
  microBatch?: number | undefined;
  /** Left out for the default. */
  batchSize?: number | undefined;
}

/**
 * The pictures that are computed with at a time: as asked, or the whole batch. A batch of the default size
 * may be smaller than what was asked for: it is taken whole then.
 *
 * @throws AfterimageError `usage/value` unless the parts divide the batch and have two pictures.
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
 * How large the default is depends on the pictures, which may not have been read: that it is a power of two
 * does not.
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

import { AfterimageError } from "../errors.ts";
import { randomStream } from "../random/random-stream.ts";
import { canvasBytes, type PictureDataset } from "./picture-dataset.ts";

/** The order of an epoch: a permutation of 0 … size - 1 that depends on seed and epoch alone. */
export function epochOrder(size: number, seed: number, epoch: number): Int32Array {
  return randomStream(seed, "data/order", epoch, 0).permutation(size);
}

export interface BatchOptions {
  batchSize: number;
  seed: number;
  epoch: number;
  /** The first step to give, for going on in the middle of an epoch. 0 if left out. */
  startStep?: number;
  /** Whether a last batch of fewer pictures is left out (the default). */
  dropLast?: boolean;
}

export interface Batch {
  /** The step within the epoch, from 0. */
  step: number;
  /** Which pictures: int32 [B]. */
  indices: Int32Array;
  /** uint8 [B, 3, canvas, canvas]. */
  pictures: Uint8Array;
  /** Valid rectangles: int32 [B] each. */
  heights: Int32Array;
  widths: Int32Array;
}

/** The number of batches in an epoch. */
export function stepsPerEpoch(size: number, batchSize: number, dropLast = true): number {
  return dropLast ? Math.floor(size / batchSize) : Math.ceil(size / batchSize);
}

/**
 * The batches of one epoch. One batch is read ahead: while the caller uses a batch, the next one is being read and
 * decoded. A batch's `pictures` stay untouched until the batch after it is asked for, and are overwritten then.
 *
 * @throws AfterimageError `usage/value` for a batch size below 1; `data/too-small` when there is not one whole batch.
 */
export async function* batches(
  dataset: PictureDataset,
  options: BatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { batchSize, startStep = 0, dropLast = true } = options;
  const steps = countSteps(dataset, batchSize, dropLast);
  const order = epochOrder(dataset.size, options.seed, options.epoch);
  const buffers = [0, 1].map(
    () => new Uint8Array(Math.min(batchSize, dataset.size) * canvasBytes(dataset.canvas)),
  );
  const start = (step: number): Promise<Batch> => {
    const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
    const reading = readBatch(dataset, step, indices, buffers[step % 2]!);
    reading.catch(() => {}); // told where it is awaited, which may be a step later or never
    return reading;
  };
  let ahead = startStep < steps ? start(startStep) : null;
  try {
    for (let step = startStep; ahead !== null; step++) {
      const batch: Batch = await ahead;
      ahead = step + 1 < steps ? start(step + 1) : null;
      yield batch;
    }
  } finally {
    await ahead?.catch(() => {}); // nothing reads on in a data set that the caller may close next
  }
}

async function readBatch(
  dataset: PictureDataset,
  step: number,
  indices: Int32Array,
  buffer: Uint8Array,
): Promise<Batch> {
  const pictures = buffer.subarray(0, indices.length * canvasBytes(dataset.canvas));
  await dataset.readBatch(indices, pictures);
  const pick = (values: Int32Array) => Int32Array.from(indices, (index) => values[index]!);
  return { step, indices, pictures, heights: pick(dataset.heights), widths: pick(dataset.widths) };
}

function countSteps(dataset: PictureDataset, batchSize: number, dropLast: boolean): number {
  if (!(Number.isSafeInteger(batchSize) && batchSize > 0)) {
    throw new AfterimageError("usage/value", {
      what: "the batch size is not usable",
      expected: "1 or more",
      got: `${batchSize}`,
    });
  }
  const steps = stepsPerEpoch(dataset.size, batchSize, dropLast);
  if (steps > 0) return steps;
  throw new AfterimageError("data/too-small", {
    what: "the data set is smaller than one batch",
    expected: `at least ${batchSize} pictures`,
    got: `${dataset.size}`,
    todo: "Choose a smaller batch size, or add pictures.",
  });
}

import { AfterimageError } from "../errors.ts";
import { randomStream } from "../random/random-stream.ts";
import { canvasBytes, type PictureDataset } from "./picture-dataset.ts";
import { type TargetArrays, TargetReader } from "./read-targets.ts";
import type { WantedTarget } from "./targets.ts";

/** The order of an epoch: a permutation of 0 … size - 1 that depends on seed and epoch only. */
export function epochOrder(size: number, seed: number, epoch: number): Int32Array {
  return randomStream(seed, "data/order", epoch, 0).permutation(size);
}

export interface BatchOptions {
  batchSize: number;
  seed: number;
  epoch: number;
  /** The first step to give, for resuming in the middle of an epoch. Default 0. */
  startStep?: number;
  /** Whether a last batch of fewer pictures is left out (the default). */
  dropLast?: boolean;
  /** Pictures that are in memory at a time; the whole batch by default. */
  partSize?: number;
  /** Targets to be read with the pictures. None by default. */
  targets?: readonly WantedTarget[];
  /**
   * The share of every batch whose parts are given: number `rank` of `size` shares, in order. The whole batch
   * by default. For processes that compute a batch together.
   */
  share?: { rank: number; size: number };
}

/**
 * A batch of an epoch. It has the indices and targets of its pictures; the pictures themselves come in parts.
 */
export interface Batch {
  /** The step within the epoch, from 0. */
  step: number;
  /** Indices of the pictures: int32 [B]. */
  indices: Int32Array;
  /** Rows of the wanted targets, for the whole batch. */
  targets: TargetArrays;
  /**
   * The pictures in parts, from the first to the last. Each part is given while the next one is being read. A
   * second call reads the pictures again; `again` announces it. A part's `pictures` are overwritten when the
   * part after the next one is read.
   */
  parts(options?: { again?: boolean }): AsyncGenerator<BatchPart, void, undefined>;
}

export interface BatchPart {
  /** Place of the part's first picture in the batch. */
  start: number;
  /** Int32 [b]. */
  indices: Int32Array;
  /** uint8 [b, 3, canvas, canvas]. */
  pictures: Uint8Array;
  /** Valid rectangles: int32 [b] each. */
  heights: Int32Array;
  widths: Int32Array;
  /** Rows and masks of the wanted targets. */
  targets: TargetArrays;
}

/** The number of batches in an epoch. */
export function stepsPerEpoch(size: number, batchSize: number, dropLast = true): number {
  return dropLast ? Math.floor(size / batchSize) : Math.ceil(size / batchSize);
}

/**
 * The batches of one epoch. While the caller uses a part, the next one is being read and decoded, even if it
 * belongs to the next batch.
 *
 * @throws AfterimageError `usage/value` for a batch or part size below 1; `data/too-small` for fewer pictures
 * than one batch.
 */
export async function* batches(
  dataset: PictureDataset,
  options: BatchOptions,
): AsyncGenerator<Batch, void, undefined> {
  const { batchSize, startStep = 0, dropLast = true, partSize = batchSize } = options;
  const steps = countSteps(dataset, batchSize, dropLast);
  requireSize("part", partSize);
  const order = epochOrder(dataset.size, options.seed, options.epoch);
  const targets = new TargetReader(dataset, options.targets ?? []);
  const reader = new PartReader(dataset, targets, order, Math.min(partSize, batchSize, dataset.size));
  const stretch = (step: number): Stretch => {
    const [start, end] = [step * batchSize, Math.min((step + 1) * batchSize, dataset.size)];
    return { start, end, ...shareOf(start, end, options.share) };
  };
  try {
    if (startStep < steps) reader.start(stretch(startStep), stretch(startStep).from);
    for (let step = startStep; step < steps; step++) {
      const own = stretch(step);
      const following = step + 1 < steps ? stretch(step + 1) : null;
      const indices = order.subarray(own.start, own.end);
      yield {
        step,
        indices,
        targets: targets.rows(indices),
        parts: ({ again = false } = {}) => reader.partsOf(own, again ? own : following),
      };
    }
  } finally {
    await reader.settle(); // nothing reads on in a data set that the caller may close next
  }
}

/** The range of a batch in the order of its epoch, and the share of it whose parts are given. */
interface Stretch {
  start: number;
  end: number;
  from: number;
  to: number;
}

function shareOf(
  start: number,
  end: number,
  { rank, size }: { rank: number; size: number } = { rank: 0, size: 1 },
) {
  const share = (end - start) / size;
  if (!Number.isInteger(share)) {
    throw new AfterimageError("usage/value", {
      what: "a batch does not divide into equal shares",
      expected: `a multiple of ${size} pictures`,
      got: `${end - start}`,
    });
  }
  return { from: start + rank * share, to: start + (rank + 1) * share };
}

/** Reads parts of batches, one part ahead, into two buffers alternately. */
class PartReader {
  readonly #dataset: PictureDataset;
  readonly #targets: TargetReader;
  readonly #order: Int32Array;
  readonly #size: number;
  readonly #buffers: readonly Uint8Array[];
  #turn = 0;
  /** The part being read, with its place in the order. */
  #ahead: { place: number; part: Promise<BatchPart> } | null = null;

  constructor(dataset: PictureDataset, targets: TargetReader, order: Int32Array, size: number) {
    this.#dataset = dataset;
    this.#targets = targets;
    this.#order = order;
    this.#size = size;
    this.#buffers = [0, 1].map(() => new Uint8Array(size * canvasBytes(dataset.canvas)));
  }

  /** @param then the batch that is read first after these parts. */
  async *partsOf(batch: Stretch, then: Stretch | null): AsyncGenerator<BatchPart, void, undefined> {
    for (let place = batch.from; place < batch.to; place += this.#size) {
      const part = await this.#take(batch, place);
      const next = place + this.#size;
      if (next < batch.to) this.start(batch, next);
      else if (then !== null) this.start(then, then.from);
      yield part;
    }
  }

  start({ start, to }: Stretch, place: number): void {
    const part = this.#read(this.#order.subarray(place, Math.min(place + this.#size, to)), place - start);
    part.catch(() => {}); // told where it is awaited, which may be a step later or never
    this.#ahead = { place, part };
  }

  async settle(): Promise<void> {
    await this.#ahead?.part.catch(() => {});
  }

  async #take(batch: Stretch, place: number): Promise<BatchPart> {
    if (this.#ahead?.place !== place) {
      await this.settle(); // it writes to the buffer that comes next but one
      this.start(batch, place);
    }
    return this.#ahead!.part;
  }

  async #read(indices: Int32Array, start: number): Promise<BatchPart> {
    const { heights, widths, canvas } = this.#dataset;
    const buffer = this.#buffers[this.#turn++ % 2]!;
    const pictures = buffer.subarray(0, indices.length * canvasBytes(canvas));
    const [masks] = await Promise.all([
      this.#targets.masks(indices),
      this.#dataset.readBatch(indices, pictures),
    ]);
    const pick = (values: Int32Array) => Int32Array.from(indices, (index) => values[index]!);
    const targets = { ...this.#targets.rows(indices), ...masks };
    return { start, indices, pictures, heights: pick(heights), widths: pick(widths), targets };
  }
}

function countSteps(dataset: PictureDataset, batchSize: number, dropLast: boolean): number {
  requireSize("batch", batchSize);
  const steps = stepsPerEpoch(dataset.size, batchSize, dropLast);
  if (steps > 0) return steps;
  throw new AfterimageError("data/too-small", {
    what: "the data set is smaller than one batch",
    expected: `at least ${batchSize} pictures`,
    got: `${dataset.size}`,
    todo: "Choose a smaller batch size, or add pictures.",
  });
}

function requireSize(what: string, size: number): void {
  if (Number.isSafeInteger(size) && size > 0) return;
  throw new AfterimageError("usage/value", {
    what: `the ${what} size is out of range`,
    expected: "a whole number, 1 or more",
    got: `${size}`,
  });
}

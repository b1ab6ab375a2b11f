import type { Matrix } from "../formats/matrix.ts";
import { randomStream } from "../random/random-stream.ts";
import type { Feeds } from "../runtime/session.ts";

export interface ProbeFeedsOptions {
  features: Matrix;
  /** N classes, or as many numbers for each row, row after row. */
  labels: ArrayLike<number>;
  /** The type of the labels: classes are whole numbers. Default int32. */
  dtype?: "int32" | "float32";
  epochs: number;
  /** At most the number of rows. */
  batchSize: number;
  stepsPerRun: number;
  seed: number;
}

/**
 * The inputs of one run of several steps. Rows that a short batch lacks have share 0; steps after the end
 * have factor 0.
 */
interface ProbeFeeds {
  /** `[steps · B, D]`. */
  x: Float32Array;
  /** `[steps · B, …]`. */
  labels: Int32Array | Float32Array;
  /** `[steps · B]`: the weight of a row in its batch's loss, 1 / rows of the batch. */
  share: Float32Array;
  /** `[steps]`: the factor of the learning rates, ½(1 + cos πt/T) at step t of T. */
  factor: Float32Array;
}

/** The inputs of all runs of a training. Every epoch has all rows, in a new order drawn from the seed. */
export function* probeFeeds(options: ProbeFeedsOptions): Generator<Feeds> {
  const { features, epochs, batchSize, stepsPerRun, seed } = options;
  const stepsPerEpoch = Math.ceil(features.rows / batchSize);
  const steps = epochs * stepsPerEpoch;
  let order = new Int32Array(0);
  for (let first = 0; first < steps; first += stepsPerRun) {
    const feeds = emptyFeeds(options);
    for (let step = first; step < Math.min(steps, first + stepsPerRun); step++) {
      const inEpoch = step % stepsPerEpoch;
      if (inEpoch === 0) {
        const epoch = step / stepsPerEpoch;
        order = Int32Array.from(
          randomStream(seed, "linear-probe/order", epoch, 0).permutation(features.rows),
        );
      }
      fillBatch(feeds, step - first, order.subarray(inEpoch * batchSize, (inEpoch + 1) * batchSize), options);
      feeds.factor[step - first] = (1 + Math.cos((Math.PI * step) / steps)) / 2;
    }
    yield { ...feeds };
  }
}

function emptyFeeds(options: ProbeFeedsOptions): ProbeFeeds {
  const { features, batchSize, stepsPerRun: steps, dtype } = options;
  const size = steps * batchSize * widthOf(options);
  return {
    x: new Float32Array(steps * batchSize * features.cols),
    labels: dtype === "float32" ? new Float32Array(size) : new Int32Array(size),
    share: new Float32Array(steps * batchSize),
    factor: new Float32Array(steps),
  };
}

/** The number of labels of each row. */
function widthOf({ features, labels }: ProbeFeedsOptions): number {
  return labels.length / features.rows;
}

function fillBatch(feeds: ProbeFeeds, step: number, rows: Int32Array, options: ProbeFeedsOptions): void {
  const { cols, data } = options.features;
  const width = widthOf(options);
  for (const [place, row] of rows.entries()) {
    const to = step * options.batchSize + place;
    feeds.x.set(data.subarray(row * cols, (row + 1) * cols), to * cols);
    for (let at = 0; at < width; at++) feeds.labels[to * width + at] = options.labels[row * width + at]!;
    feeds.share[to] = 1 / rows.length;
  }
}

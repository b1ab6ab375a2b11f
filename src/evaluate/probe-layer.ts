/** The linear probe as a layer: the weights that it learns, for features as they are. */
import type { Matrix } from "../formats/matrix.ts";
import { linearProbe } from "./linear-probe.ts";
import { linearRows, type RowLoss } from "./linear-rows.ts";
import { pickRows } from "./pick-rows.ts";
import { measureColumns, type Standardization, standardize } from "./standardize.ts";
import { type Heads, trainHeads } from "./train-heads.ts";

/** What the layer learns: classes, or rows of labels (`sigmoid`) or of numbers (`squared`). */
export type ProbeTargets =
  | { loss: "softmax"; classes: number; labels: ArrayLike<number> }
  | { loss: RowLoss; rows: Matrix };

export interface ProbeLayerOptions {
  /** `[N, D]`, at least two rows. */
  features: Matrix;
  targets: ProbeTargets;
  seed: number;
  /** 100 by default. */
  epochs?: number;
  threads?: number;
}

/** A linear layer: `x · weightᵀ + bias`. */
export interface ProbeLayer {
  /** `[K, D]`. */
  weight: Float32Array;
  /** `[K]`. */
  bias: Float32Array;
}

/** For classes of one picture each, from which nothing can be held out to choose a rate. */
export const RATE_OF_FEW = 0.1;
const BATCH_SIZE = 256;

/**
 * Trains the linear probe on all rows, at the rate that it chooses on a part of them ({@link linearProbe},
 * {@link linearRows}). It then folds the standardisation of features into the weights: W / σ and b - W · μ /
 * σ.
 *
 * @throws AfterimageError as the probes do.
 */
export async function probeLayer(options: ProbeLayerOptions): Promise<ProbeLayer> {
  const { features, targets, seed, epochs = 100, threads = 0 } = options;
  const columns = measureColumns(features);
  const learningRate = await chooseRate(options);
  const heads = await trainHeads({
    ...{ features: standardize(features, columns), learningRates: [learningRate], seed, epochs, threads },
    ...{ batchSize: BATCH_SIZE, weightDecay: 0, loss: targets.loss },
    ...(targets.loss === "softmax"
      ? { labels: targets.labels, classes: targets.classes }
      : { labels: targets.rows.data, classes: targets.rows.cols }),
  });
  return unstandardized(heads, columns);
}

async function chooseRate({ features, targets, seed, epochs = 100, threads = 0 }: ProbeLayerOptions) {
  const own = { train: features, test: pickRows(features, [0]), seed, epochs, threads };
  if (targets.loss !== "softmax") {
    const { learningRate } = await linearRows({ ...own, trainRows: targets.rows, loss: targets.loss });
    return learningRate;
  }
  const { labels, classes } = targets;
  if (new Set(Array.from(labels)).size === labels.length) return RATE_OF_FEW;
  const known = { trainLabels: labels, testLabels: [labels[0] as number], classes };
  return (await linearProbe({ ...own, ...known })).learningRate;
}

/** The same outputs for features that are not standardised. */
function unstandardized({ classes, weight, bias }: Heads, { mean, scale }: Standardization): ProbeLayer {
  const cols = mean.length;
  const own = weight.map((w, at) => w * (scale[at % cols] as number));
  const shift = bias.map((b, k) => b - dot(own.subarray(k * cols, (k + 1) * cols), mean));
  return { weight: own.slice(0, classes * cols), bias: shift.slice(0, classes) };
}

function dot(a: Float32Array, b: Float64Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
}

/** Shows how good the encoder is during training: leave-one-out kNN and health on a fixed sample. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { health } from "../evaluate/health.ts";
import { knn } from "../evaluate/knn.ts";
import { standardError } from "../evaluate/standard-error.ts";
import { randomStream } from "../random/random-stream.ts";
import { extractFeatures } from "../train/encoder.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Trainer } from "../train/trainer.ts";
import type { Observer } from "./observer.ts";

export interface MonitorOptions {
  /** The number of pictures in the sample, which is drawn once by the run's seed. */
  sample: number;
  k: number;
  temperature: number;
  threads: number;
}

export const MONITOR: Omit<MonitorOptions, "threads"> = { sample: 1000, k: 20, temperature: 0.07 };

/** Makes a function that measures the trainer's present encoder. */
export function createMonitor(dataset: PictureDataset, seed: number, options: MonitorOptions) {
  const indices = randomStream(seed, "monitor", 0, 0)
    .permutation(dataset.size)
    .slice(0, options.sample)
    .sort();
  const labels = dataset.labels === null ? null : Int32Array.from(indices, (i) => dataset.labels![i]!);
  const judged = labels !== null && canVote(labels);
  return async (trainer: Trainer): Promise<Pick<EpochRecord, "knn" | "health">> => {
    const { encoder: backbone, config, encoderValues: values } = trainer;
    const extract = { backbone, values, imageSize: config.imageSize, threads: options.threads };
    const features = await extractFeatures(dataset, extract, indices);
    const { deviation, idealDeviation, rankMe } = health(features);
    return {
      health: { deviation, idealDeviation, rankMe },
      knn: judged ? await accuracy(features, labels, options) : null,
    };
  };
}

/**
 * Measures the encoder in epochs for which that is due: {@link createMonitor}, made at the first measurement.
 */
export function monitorObserver(dataset: PictureDataset, seed: number, threads: number): Observer {
  let monitor: ReturnType<typeof createMonitor> | null = null;
  return {
    async epoch({ trainer, due }) {
      if (!due) return undefined;
      monitor ??= createMonitor(dataset, seed, { ...MONITOR, threads });
      return monitor(trainer);
    },
  };
}

/** Whether neighbours can be right: there are at least two classes, and one of them has two pictures. */
export function canVote(labels: ArrayLike<number>): boolean {
  const classes = new Set(Array.from(labels)).size;
  return classes > 1 && classes < labels.length;
}

/** The reason why kNN is not shown although there are classes. */
export function votingNotes({ labels }: Pick<PictureDataset, "labels">): string[] {
  if (labels === null || labels.length < 2 || new Set(labels).size < labels.length) return [];
  return ["kNN is not shown: every class has only one picture, so no neighbour can be right"];
}

async function accuracy(
  features: Awaited<ReturnType<typeof extractFeatures>>,
  labels: Int32Array,
  { k, temperature, threads }: MonitorOptions,
): Promise<EpochRecord["knn"]> {
  const result = await knn({
    bank: features,
    bankLabels: labels,
    queries: features,
    queryLabels: labels,
    k,
    temperature,
    excludeSelf: true,
    threads,
  });
  const voters = result.used.get(k)!;
  const error = standardError(result.correct.get(k)!);
  return {
    accuracy: result.accuracy.get(k)!,
    standardError: error,
    k: voters,
    temperature,
    pictures: features.rows,
  };
}

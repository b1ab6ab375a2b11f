/** How good an encoder is, always beside raw pixels and the same network untrained. */
import type { Matrix } from "../data/matrix.ts";
import type { PictureDataset, SkippedPicture } from "../data/picture-dataset.ts";
import { majorityShare, type RetrievalChance, retrievalChance } from "../evaluate/chance.ts";
import { health } from "../evaluate/health.ts";
import { knn } from "../evaluate/knn.ts";
import { linearProbe } from "../evaluate/linear-probe.ts";
import { pickRows } from "../evaluate/pick-rows.ts";
import { labelledRetrieval } from "../evaluate/retrieval.ts";
import type { Metric } from "../evaluate/score-graph.ts";
import { type Split, stratifiedSplit } from "../evaluate/stratified-split.ts";
import { extractFeatures } from "../train/encoder.ts";
import { type LoadedRun, loadRun } from "../train/node/run-folder.ts";
import { initialEncoderValues, type Values } from "../train/values.ts";
import { checkOptions } from "./check-options.ts";
import { EVALUATE_RULES, PROTOCOLS, type Protocol } from "./evaluate-rules.ts";
import { Notes } from "./notes.ts";
import { type OwnSplit, openEvaluation } from "./open-evaluation.ts";
import { physicalCores } from "./physical-cores.ts";
import { pictureNotes, skippedNotes } from "./picture-notes.ts";
import { openOptions, type PictureOptions } from "./picture-options.ts";
import type { OnProgress } from "./progress.ts";
import { PIXEL_SIDE, readPixels } from "./read-pixels.ts";
import { requireClasses, requireTested } from "./require-classes.ts";

export { PROTOCOLS, type Protocol } from "./evaluate-rules.ts";

export interface EvaluateOptions extends PictureOptions {
  /** A run folder. */
  run: string;
  /**
   * Labelled pictures: a folder whose first level are the classes, or a set with labels. Of a set in parts, `train` teaches
   * kNN and the linear probe, and `val` tests them, or `test` where `val` is not there or has no labels; `split` chooses
   * the part that tests, or `all` to divide all pictures by `testShare`.
   */
  data: string;
  protocols?: readonly Protocol[];
  /** Neighbours that vote in kNN. Default 20. */
  k?: number;
  /** Temperature of the kNN vote. Default 0.07. */
  temperature?: number;
  /** Share of the pictures of each class held out for testing (kNN and linear). Default 0.2. */
  testShare?: number;
  seed?: number;
  /** {@link physicalCores} by default. */
  threads?: number;
  onProgress?: OnProgress;
}

/** One representation's scores; a protocol that was not asked for is absent. */
export interface Scores {
  knn?: { accuracy: number };
  linear?: { accuracy: number; learningRate: number };
  retrieval?: { recallAt1: number; recallAt5: number; meanAveragePrecision: number };
  health: { deviation: number; rankMe: number };
}

/** What is reached without looking at the pictures: the most frequent class, and retrieval in a random order. */
export interface Chance {
  knn?: { accuracy: number };
  linear?: { accuracy: number };
  retrieval?: { recallAt1: number; recallAt5: number; meanAveragePrecision: number };
}

export interface EvaluateResult {
  run: string;
  data: string;
  /** All that the numbers depend on. */
  protocol: {
    k: number;
    /** Neighbours that really vote: fewer than k where there are not so many pictures to train on. */
    voters: number;
    temperature: number;
    testShare: number;
    seed: number;
    /** The parts that taught and tested; null where a share of each class was held out. */
    parts: { train: string; test: string } | null;
    train: number;
    test: number;
    /** Classes that have a picture. */
    classes: number;
    step: number;
    epochs: number;
    /** Height and width of the pictures that `pixels` are taken from. */
    pixelSide: number;
    /** What kNN and retrieval find neighbours by. */
    metrics: { pixels: Metric; untrained: Metric; trained: Metric };
  };
  chance: Chance;
  pixels: Scores;
  untrained: Scores;
  trained: Scores;
  skipped: number;
  /** Which, and why. */
  skippedPictures: readonly SkippedPicture[];
  notes: readonly string[];
}

/** Pixels have no direction to speak of: a picture twice as bright is another picture. */
const METRICS = { pixels: "euclidean", untrained: "cosine", trained: "cosine" } as const;
const RECALLS = [1, 5] as const;

/**
 * Evaluates a run's encoder on labelled pictures by kNN, linear probe and retrieval.
 *
 * @throws AfterimageError `evaluate/labels` when the pictures have fewer than two classes.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  checkOptions("evaluate", options, EVALUATE_RULES, ["run", "data"]);
  const { k = 20, temperature = 0.07, testShare = 0.2, seed = 0, onProgress = () => {} } = options;
  const notes = new Notes(onProgress);
  const run = await loadRun(options.run, notes.add);
  const opened = await openEvaluation(options.data, openOptions(options, run.config.canvas, onProgress));
  const { dataset, own } = opened;
  try {
    notes.addAll([...pictureNotes(dataset), ...skippedNotes(dataset)]);
    const { labels, classes, present } = requireClasses(dataset, options.data);
    const split = splitOf(labels, own, { share: testShare, seed });
    const protocols = [...new Set(options.protocols ?? PROTOCOLS)];
    notes.addAll(requireTested(labels, split, { classNames: dataset.classNames, where: options.data }));
    const threads = options.threads ?? physicalCores();
    const task = { labels, classes, split, protocols, k, temperature, seed, threads };
    const untrained = initialEncoderValues(run.backbone, run.config);
    return {
      run: options.run,
      data: options.data,
      protocol: {
        k,
        voters: Math.min(k, split.kept.length),
        temperature,
        testShare,
        seed,
        parts: own && { train: own.train, test: own.test },
        train: split.kept.length,
        test: split.held.length,
        classes: present,
        step: run.checkpoint.step,
        epochs: run.config.epochs,
        pixelSide: PIXEL_SIDE,
        metrics: METRICS,
      },
      chance: chanceOf(task),
      pixels: await scoreFeatures(await readPixels(dataset), METRICS.pixels, task),
      untrained: await scoreFeatures(
        await encode(run, untrained, dataset, threads, () => {}),
        METRICS.untrained,
        task,
      ),
      trained: await scoreFeatures(
        await encode(run, run.values, dataset, threads, onProgress),
        METRICS.trained,
        task,
      ),
      skipped: dataset.skipped.length,
      skippedPictures: dataset.skipped,
      notes: notes.list,
    };
  } finally {
    await dataset.close();
  }
}

/** The data set's own division, or a share of each class held out. */
function splitOf(labels: Int32Array, own: OwnSplit | null, options: { share: number; seed: number }): Split {
  if (own === null) return stratifiedSplit(labels, { ...options, stream: "evaluate/split" });
  const rows = Int32Array.from(labels.keys());
  return { kept: rows.slice(0, own.trained), held: rows.slice(own.trained) };
}

function encode(
  { backbone, config }: LoadedRun,
  values: Values,
  dataset: PictureDataset,
  threads: number,
  onProgress: OnProgress,
): Promise<Matrix> {
  return extractFeatures(dataset, {
    backbone,
    values,
    imageSize: config.imageSize,
    threads,
    onProgress: (done, total) => onProgress({ type: "features", done, total }),
  });
}

/** What features are asked, whichever they are. */
interface Task {
  labels: Int32Array;
  classes: number;
  split: Split;
  protocols: readonly Protocol[];
  k: number;
  temperature: number;
  seed: number;
  threads: number;
}

async function scoreFeatures(features: Matrix, metric: Metric, task: Task): Promise<Scores> {
  const { labels, classes, split, protocols, k, temperature, seed, threads } = task;
  const { deviation, rankMe } = health(features);
  const scores: Scores = { health: { deviation, rankMe } };
  const [train, test] = [pickRows(features, split.kept), pickRows(features, split.held)];
  const [trainLabels, testLabels] = [pick(labels, split.kept), pick(labels, split.held)];
  if (protocols.includes("knn")) {
    const asked = { bank: train, bankLabels: trainLabels, queries: test, queryLabels: testLabels };
    const { accuracy } = await knn({ ...asked, k, temperature, metric, classes, threads });
    scores.knn = { accuracy: [...accuracy.values()][0]! };
  }
  if (protocols.includes("linear")) {
    const asked = { train, trainLabels, test, testLabels, classes, seed, threads };
    const { accuracy, learningRate } = await linearProbe(asked);
    scores.linear = { accuracy, learningRate };
  }
  if (protocols.includes("retrieval")) {
    scores.retrieval = recallsOf(await labelledRetrieval({ features, labels, ks: RECALLS, metric, threads }));
  }
  return scores;
}

function chanceOf({ labels, split, protocols }: Task): Chance {
  const accuracy = majorityShare(pick(labels, split.kept), pick(labels, split.held));
  return {
    ...(protocols.includes("knn") && { knn: { accuracy } }),
    ...(protocols.includes("linear") && { linear: { accuracy } }),
    ...(protocols.includes("retrieval") && { retrieval: recallsOf(retrievalChance(labels, RECALLS)) }),
  };
}

function recallsOf({ recall, meanAveragePrecision }: RetrievalChance) {
  return { recallAt1: recall.get(1)!, recallAt5: recall.get(5)!, meanAveragePrecision };
}

function pick(labels: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row]!);
}

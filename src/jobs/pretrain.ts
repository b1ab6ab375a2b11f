/** The main job: from pictures to a trained encoder in a run folder. */
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Backbone } from "../backbones/backbone.ts";
import { type Batch, batches } from "../data/loader.ts";
import { openPictures } from "../data/node/open-pictures.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import { collapseWarning } from "../evaluate/health.ts";
import { readNewestCheckpoint, writeCheckpoint } from "../train/node/checkpoint.ts";
import {
  appendMetrics,
  readMetrics,
  readRunConfig,
  runPaths,
  writeRunConfig,
} from "../train/node/run-folder.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import type { RunConfig } from "../train/run-config.ts";
import { type StepReport, Trainer } from "../train/trainer.ts";
import type { Values } from "../train/values.ts";
import { type Choices, canvasFor, configure } from "./configure.ts";
import { createMonitor, MONITOR } from "./monitor.ts";
import type { EpochRecord, OnProgress } from "./progress.ts";
import { requireSameChoices } from "./require-same-choices.ts";
import { writeEncoder } from "./write-encoder.ts";

export interface PretrainOptions extends Choices {
  /** A folder, list file, IDX or CIFAR file of pictures; or a data set already open (left open). */
  pictures: string | PictureDataset;
  /** Run folder. Default `runs/<name of the pictures>-<method>`. */
  out?: string;
  /** Go on with the run in `out` from its last checkpoint, with the configuration it was started with. */
  resume?: boolean;
  /** Look at labels, from the first level of folders or beside the files, for kNN while training. Default true. */
  labels?: boolean;
  /** Physical cores by default. */
  threads?: number;
  /** Epochs between looks at kNN and health; 0 for never. Default 1. */
  monitorEvery?: number;
  /** Epochs between checkpoints. Default 1. */
  checkpointEvery?: number;
  cacheDir?: string;
  /** When aborted, the step in progress is finished, a checkpoint is written, and the result says `interrupted`. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Called after each epoch with the encoder as it is then; training waits for it. */
  onEpoch?: (record: EpochRecord, encoder: EncoderSnapshot) => Promise<void>;
}

/** An encoder in the middle of its training. */
export interface EncoderSnapshot {
  backbone: Backbone;
  /** Weights by bare name. */
  values: Values;
  imageSize: number;
}

export interface PretrainResult {
  run: string;
  /** Path of the exported encoder; null when interrupted. */
  encoder: string | null;
  interrupted: boolean;
  config: RunConfig;
  steps: number;
  /** Seconds of training, over all sittings. */
  seconds: number;
  epochs: EpochRecord[];
  skipped: number;
}

/**
 * Trains an encoder without labels. Everything is written to the run folder; the same options, pictures and thread
 * count give the same weights bit for bit, interrupted or not.
 *
 * @throws AfterimageError for pictures, options or a run folder that cannot be used, and `train/not-finite`.
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const onProgress = options.onProgress ?? (() => {});
  const folder = options.out ?? defaultFolder(options);
  const existing = await existingConfig(folder, options);
  const dataset = await open(options, existing, onProgress);
  try {
    const data = { path: pathOf(options), fingerprint: dataset.fingerprint, pictures: dataset.size };
    const config = existing ?? configure(options, data);
    requireSameData(config, data, folder);
    if (existing === null) await writeRunConfig(folder, config);
    await writeSkipped(folder, dataset);
    const threads = options.threads ?? availableParallelism();
    const trainer = await Trainer.create(config, { threads });
    try {
      return await new Run(folder, trainer, dataset, { ...options, threads, onProgress }).go();
    } finally {
      await trainer.release();
    }
  } finally {
    if (typeof options.pictures === "string") await dataset.close();
  }
}

type RunOptions = PretrainOptions & { threads: number; onProgress: OnProgress };

/** One sitting of a run: from where the checkpoints leave off to the end or the interruption. */
class Run {
  readonly #folder: string;
  readonly #trainer: Trainer;
  readonly #dataset: PictureDataset;
  readonly #options: RunOptions;
  readonly #epochs: EpochRecord[] = [];
  #step = 0;
  #seconds = 0;

  constructor(folder: string, trainer: Trainer, dataset: PictureDataset, options: RunOptions) {
    this.#folder = folder;
    this.#trainer = trainer;
    this.#dataset = dataset;
    this.#options = options;
  }

  async go(): Promise<PretrainResult> {
    await this.#restore();
    const { steps } = this.#trainer.plan;
    while (this.#step < steps && !this.#options.signal?.aborted) await this.#epoch();
    const finished = this.#step >= steps;
    const encoder = finished ? await this.#export() : null;
    return {
      run: this.#folder,
      encoder,
      interrupted: !finished,
      config: this.#trainer.config,
      steps: this.#step,
      seconds: this.#seconds,
      epochs: this.#epochs,
      skipped: this.#dataset.skipped.length,
    };
  }

  async #restore(): Promise<void> {
    const expected = new Map([...this.#trainer.values].map(([path, data]) => [path, data.length]));
    const note = (path: string, reason: string) =>
      this.#options.onProgress({ type: "note", message: `passed over ${path}: ${reason}` });
    const checkpoint = await readNewestCheckpoint(runPaths(this.#folder).checkpoints, expected, note);
    if (checkpoint === null) return;
    for (const [path, data] of checkpoint.arrays) this.#trainer.values.set(path, data);
    this.#step = checkpoint.step;
    for (const record of (await readMetrics(this.#folder)) as unknown as EpochRecord[]) {
      if (record.type !== "epoch" || record.step > this.#step) continue;
      this.#epochs.push(record);
      this.#seconds = record.seconds;
    }
  }

  /** The rest of the epoch that the run stands in. */
  async #epoch(): Promise<void> {
    const { config, plan } = this.#trainer;
    const epoch = Math.floor(this.#step / plan.stepsPerEpoch);
    const startStep = this.#step % plan.stepsPerEpoch;
    const source = { batchSize: config.batchSize, seed: config.seed, epoch, startStep };
    const meter = new Meter(config.batchSize);
    for await (const batch of batches(this.#dataset, source)) {
      const report = await this.#trainer.step(batch, this.#step);
      this.#step += 1;
      meter.add(report);
      this.#tell(epoch, batch, report, meter);
      await immediate();
      if (this.#options.signal?.aborted) break;
    }
    this.#seconds += meter.seconds;
    if (this.#step % plan.stepsPerEpoch === 0) await this.#endEpoch(epoch + 1, meter);
    else await this.#checkpoint();
  }

  async #endEpoch(epoch: number, meter: Meter): Promise<void> {
    const { config, method } = this.#trainer;
    const { monitorEvery = 1, checkpointEvery = 1, onProgress } = this.#options;
    const last = epoch === config.epochs;
    const due = monitorEvery > 0 && (epoch % monitorEvery === 0 || last);
    const looked = due ? await this.#monitor()(this.#trainer) : { knn: null, health: null };
    const collapsedLoss = method.collapsedLoss(config.method.settings, config.batchSize);
    const record: EpochRecord = {
      type: "epoch",
      epoch,
      step: this.#step,
      loss: meter.meanLoss,
      collapsedLoss,
      learningRate: meter.learningRate,
      picturesPerSecond: meter.rate,
      seconds: this.#seconds,
      ...looked,
      warning:
        looked.health &&
        collapseWarning({
          loss: meter.meanLoss,
          lossAtCollapse: collapsedLoss,
          health: looked.health,
          epoch,
        }),
    };
    this.#epochs.push(record);
    if (epoch % checkpointEvery === 0 || last || this.#options.signal?.aborted) await this.#checkpoint();
    await appendMetrics(this.#folder, record);
    onProgress(record);
    const { backbone, encoderValues: values } = this.#trainer;
    await this.#options.onEpoch?.(record, { backbone, values, imageSize: config.imageSize });
  }

  #monitor = () => {
    const { seed } = this.#trainer.config;
    const monitor = createMonitor(this.#dataset, seed, { ...MONITOR, threads: this.#options.threads });
    this.#monitor = () => monitor;
    return monitor;
  };

  async #checkpoint(): Promise<void> {
    const { values, shapes } = this.#trainer;
    await writeCheckpoint(runPaths(this.#folder).checkpoints, this.#step, values, shapes);
  }

  async #export(): Promise<string> {
    const { config, backbone, encoderValues } = this.#trainer;
    return writeEncoder(runPaths(this.#folder).encoder, { config, backbone, values: encoderValues });
  }

  #tell(epoch: number, batch: Batch, report: StepReport, meter: Meter): void {
    const { plan, config } = this.#trainer;
    this.#options.onProgress({
      type: "step",
      epoch: epoch + 1,
      epochs: config.epochs,
      stepInEpoch: batch.step + 1,
      stepsPerEpoch: plan.stepsPerEpoch,
      step: this.#step,
      steps: plan.steps,
      loss: report.loss,
      learningRate: report.learningRate,
      picturesPerSecond: meter.rate,
      secondsLeft: ((plan.steps - this.#step) * config.batchSize) / meter.rate,
    });
  }
}

/** Mean loss and pace of an epoch. */
class Meter {
  readonly #batchSize: number;
  readonly #start = performance.now();
  #steps = 0;
  #loss = 0;
  #end = this.#start;
  learningRate = 0;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  add({ loss, learningRate }: StepReport): void {
    this.#steps += 1;
    this.#loss += loss;
    this.#end = performance.now();
    this.learningRate = learningRate;
  }

  get seconds(): number {
    return (this.#end - this.#start) / 1000;
  }

  get meanLoss(): number {
    return this.#loss / this.#steps;
  }

  get rate(): number {
    return (this.#steps * this.#batchSize) / this.seconds;
  }
}

async function existingConfig(folder: string, options: PretrainOptions): Promise<RunConfig | null> {
  const { resume = false } = options;
  const existing = await readRunConfig(folder);
  if (existing !== null && !resume) {
    throw new AfterimageError("train/run-folder", {
      what: "there is a run in this folder already",
      where: folder,
      todo: "Go on with it by --resume, or choose another folder by --out.",
    });
  }
  if (existing === null && resume) {
    throw new AfterimageError("train/run-folder", {
      what: "there is no run to resume",
      where: folder,
      expected: "a folder with config.json",
    });
  }
  if (existing !== null) requireSameChoices(options, existing, folder);
  return existing;
}

async function open(
  options: PretrainOptions,
  existing: RunConfig | null,
  onProgress: OnProgress,
): Promise<PictureDataset> {
  if (typeof options.pictures !== "string") return options.pictures;
  return openPictures(options.pictures, {
    canvas: existing?.canvas ?? canvasFor(options),
    labels: options.labels === false ? false : "auto",
    ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: (done, total) => onProgress({ type: "cache", done, total }),
  });
}

function requireSameData(config: RunConfig, data: RunConfig["data"], folder: string): void {
  if (config.data.fingerprint === data.fingerprint) return;
  throw new AfterimageError("train/run-folder", {
    what: "the pictures are not those that this run was started with",
    where: folder,
    expected: `${config.data.pictures} pictures of ${config.data.path}`,
    got: `${data.pictures} pictures of ${data.path}`,
    todo: "Start a new run with another --out.",
  });
}

async function writeSkipped(folder: string, { skipped }: PictureDataset): Promise<void> {
  if (skipped.length === 0) return;
  await writeFileWhole(
    runPaths(folder).skipped,
    skipped.map((entry) => `${JSON.stringify(entry)}\n`).join(""),
  );
}

function defaultFolder(options: PretrainOptions): string {
  const name = basename(pathOf(options)).replace(/\.[^.]+$/, "") || "pictures";
  return join("runs", `${name}-${options.method ?? "simclr"}`);
}

function pathOf({ pictures }: PretrainOptions): string {
  return typeof pictures === "string" ? pictures : "(in memory)";
}

/** Lets signals and output be served: the runtime holds the event loop while it computes. */
function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

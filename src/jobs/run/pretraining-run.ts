/** One sitting of a run: steps, epochs, checkpoints, and what is told of them. */
import { type Batch, batches } from "../../data/loader.ts";
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { PICTURES, readNewestCheckpoint, writeCheckpoint } from "../../train/node/checkpoint.ts";
import {
  appendMetrics,
  passedOver,
  rewindMetrics,
  runPaths,
  writeRunConfig,
} from "../../train/node/run-folder.ts";
import type { Change, HistoryEntry, RunConfig } from "../../train/run-config.ts";
import type { StepReport, Trainer } from "../../train/trainer.ts";
import type { Notes } from "../notes/notes.ts";
import type { PretrainOptions, PretrainResult } from "../pretrain-options.ts";
import type { EpochRecord, OnProgress } from "../progress.ts";
import { changeNotes } from "../resume/continued-config.ts";
import { writeEncoder } from "../write-encoder.ts";
import { tryEncoder, withWayBack } from "./diverged-run.ts";
import { EpochMeter, parseEpochProgress } from "./epoch-meter.ts";
import { createMonitor, MONITOR } from "./monitor.ts";
import { type Pace, paceOf } from "./pace.ts";
import { recordOf } from "./record-epoch.ts";
import { SessionDuration } from "./session-duration.ts";
import { writeReconstructions } from "./write-reconstructions.ts";

export interface RunOptions extends PretrainOptions {
  threads: number;
  onProgress: OnProgress;
  notes: Notes;
  /** What is not as it was in earlier sessions. */
  changes: readonly Change[];
  /** When the command began, by `performance.now()`: what `minutes` count from. */
  startedAt: number;
}

/** Looks at kNN and health, and checkpoints, of a run of many epochs. */
const LOOKS = 40;
/** Of a run of many short epochs: a look and a checkpoint take as long as a step or two. */
const STEPS_BETWEEN_LOOKS = 20;

const FINISHED = "this run is finished; a larger --epochs trains it further";

/** Where a checkpoint in the middle of an epoch keeps what is done of it. */
const PROGRESS = "epoch_progress";

/** One sitting of a run: from where the checkpoints leave off to the end or the interruption. */
export class PretrainingRun {
  readonly #folder: string;
  readonly #trainer: Trainer;
  readonly #dataset: PictureDataset;
  readonly #options: RunOptions;
  readonly #epochs: EpochRecord[] = [];
  /** What earlier sittings and this one did of the epoch that the run stands in. */
  #meter: EpochMeter;
  #step = 0;
  /** The step of the last checkpoint. */
  #saved = 0;
  /** The last step whose encoder was tried on pictures. */
  #tried = 0;
  /** Of the epochs that are done. */
  #seconds = 0;
  #duration: SessionDuration | null = null;
  /** Null where the epochs follow from nothing but the configuration. */
  #pace: Pace | null = null;

  constructor(folder: string, trainer: Trainer, dataset: PictureDataset, options: RunOptions) {
    this.#folder = folder;
    this.#trainer = trainer;
    this.#dataset = dataset;
    this.#options = options;
    this.#meter = new EpochMeter(trainer.config.batchSize);
  }

  /** @throws AfterimageError `train/not-finite` when training diverges; the last checkpoint is then from before. */
  async go(): Promise<PretrainResult> {
    await this.#restore();
    try {
      return await this.#goOn();
    } catch (error) {
      throw withWayBack(error, { step: this.#step, saved: this.#saved });
    }
  }

  async #goOn(): Promise<PretrainResult> {
    await this.#recordChanges();
    this.#pace = paceOf(this.#trainer.config, {
      ...this.#options,
      secondsBefore: this.#seconds,
      step: this.#step,
    });
    this.#tellOfParts();
    this.#duration = new SessionDuration(this.#options.onProgress);
    if (this.#step >= this.#trainer.steps) this.#options.notes.add(FINISHED);
    while (this.#step < this.#trainer.steps && !this.#options.signal?.aborted) await this.#epoch();
    if (this.#step !== this.#saved) await this.#checkpoint();
    const finished = this.#step >= this.#trainer.steps;
    const encoder = finished ? await this.#export() : null;
    const reconstructions = finished ? await this.#reconstruct() : null;
    return {
      run: this.#folder,
      encoder,
      reconstructions,
      interrupted: !finished,
      config: this.#trainer.config,
      steps: this.#step,
      seconds: this.#seconds + this.#meter.seconds,
      epochs: this.#epochs,
      skipped: this.#dataset.skipped.length,
      notes: this.#options.notes.list,
    };
  }

  async #restore(): Promise<void> {
    const { values, plan, config } = this.#trainer;
    const lengths = new Map([...values].map(([path, data]) => [path, data.length]));
    const expected = { lengths, pictures: config.data.fingerprint };
    const { checkpoints } = runPaths(this.#folder);
    const checkpoint = await readNewestCheckpoint(checkpoints, expected, (path, reason) =>
      this.#options.notes.add(passedOver(path, reason)),
    );
    if (checkpoint !== null) {
      for (const [path, data] of checkpoint.arrays) values.set(path, data);
      this.#step = checkpoint.step;
      this.#saved = checkpoint.step;
      const before = parseEpochProgress(checkpoint.metadata[PROGRESS], this.#step % plan.stepsPerEpoch);
      this.#meter = new EpochMeter(config.batchSize, before ?? undefined);
    }
    // Epochs after the checkpoint are trained again: their old records would be there twice.
    for (const record of await rewindMetrics(this.#folder, this.#step)) {
      this.#epochs.push(record);
      this.#seconds = record.seconds;
    }
  }

  /** Keeps with the run what is changed from here on. */
  async #recordChanges(): Promise<void> {
    const { changes, notes } = this.#options;
    if (changes.length === 0) return;
    notes.addAll(changeNotes(changes, this.#step));
    await this.#follow({ step: this.#step, changes: [...changes] });
  }

  /** Goes on with a change, which is kept with the run first. */
  async #follow(entry: HistoryEntry, changed: Partial<RunConfig> = {}): Promise<void> {
    const { config } = this.#trainer;
    const next = { ...config, ...changed, history: [...(config.history ?? []), entry] };
    await writeRunConfig(this.#folder, next);
    this.#trainer.follow(next);
  }

  /** Gives the run the epochs that there is time for, at the end of an epoch. */
  async #keepPace(): Promise<void> {
    const { config, plan } = this.#trainer;
    const { stepsPerEpoch, steps: scheduledSteps } = plan;
    const place = { step: this.#step, steps: this.#trainer.steps, scheduledSteps, stepsPerEpoch };
    const decision = this.#pace?.decide(place) ?? null;
    if (decision === null) return;
    const { epochs, note } = decision;
    if (note !== null) this.#options.notes.add(note);
    if (epochs === null) return;
    const changes = [{ name: "epochs", from: config.epochs, to: epochs }];
    await this.#follow({ step: this.#step, changes, because: "pace" }, { epochs });
  }

  #tellOfParts(): void {
    const { config, method, isSplit, hasBatchNorm } = this.#trainer;
    if (!isSplit || !hasBatchNorm) return;
    const { microBatch, batchSize } = config;
    const seen = method.batchNormSees?.(config.method.settings, microBatch) ?? microBatch;
    const message = `batch norm sees ${seen} pictures at a time, not the ${batchSize} of a step`;
    this.#options.notes.add(message);
  }

  /** The rest of the epoch that the run stands in. */
  async #epoch(): Promise<void> {
    const { config, plan } = this.#trainer;
    const epoch = Math.floor(this.#step / plan.stepsPerEpoch);
    const startStep = this.#step % plan.stepsPerEpoch;
    const { batchSize, microBatch: partSize, seed } = config;
    const source = { batchSize, partSize, seed, epoch, startStep };
    this.#meter = new EpochMeter(batchSize, startStep === 0 ? undefined : this.#meter.progress);
    for await (const batch of batches(this.#dataset, source)) {
      const report = await this.#trainer.step(batch, this.#step);
      this.#step += 1;
      this.#meter.add(report);
      this.#tell(epoch, batch, report, this.#meter);
      await immediate();
      if (this.#step === this.#trainer.steps || this.#options.signal?.aborted) break;
    }
    if (this.#step % plan.stepsPerEpoch === 0 || this.#step === this.#trainer.steps)
      await this.#endEpoch(epoch + 1);
  }

  async #endEpoch(epoch: number): Promise<void> {
    const meter = this.#meter;
    this.#meter = new EpochMeter(this.#trainer.config.batchSize);
    this.#seconds += meter.seconds;
    const { config } = this.#trainer;
    const { onProgress } = this.#options;
    const { monitorEvery, checkpointEvery } = this.#lookEvery();
    const last = this.#step === this.#trainer.steps;
    const due = monitorEvery > 0 && (epoch % monitorEvery === 0 || last);
    const looked = due ? await this.#monitor()(this.#trainer) : { knn: null, health: null };
    if (due) this.#tried = this.#step;
    const done = { epoch, step: this.#step, seconds: this.#seconds, meter, looked };
    const record = recordOf(done, { trainer: this.#trainer, dataset: this.#dataset, before: this.#epochs });
    this.#epochs.push(record);
    // In this order a kill between the two leaves a record too many, which resuming drops, and never one too few.
    await appendMetrics(this.#folder, record);
    if (epoch % checkpointEvery === 0 || last) await this.#checkpoint();
    onProgress(record);
    const { encoder: backbone, encoderValues: values } = this.#trainer;
    await this.#options.onEpoch?.(record, { backbone, values, imageSize: config.imageSize });
    if (!last) await this.#keepPace();
  }

  /** Some forty looks at a run: more of them would take their time from its steps. */
  #lookEvery(): Required<Pick<PretrainOptions, "monitorEvery" | "checkpointEvery">> {
    const { plan } = this.#trainer;
    const sparse = Math.max(
      Math.floor(plan.epochs / LOOKS),
      Math.ceil(STEPS_BETWEEN_LOOKS / plan.stepsPerEpoch),
    );
    const usual = plan.epochs <= LOOKS ? 1 : sparse;
    const { monitorEvery = usual, checkpointEvery = Math.max(monitorEvery, 1) } = this.#options;
    return { monitorEvery, checkpointEvery };
  }

  #monitor = () => {
    const { seed } = this.#trainer.config;
    const monitor = createMonitor(this.#dataset, seed, { ...MONITOR, threads: this.#options.threads });
    this.#monitor = () => monitor;
    return monitor;
  };

  async #checkpoint(): Promise<void> {
    const { values, shapes, plan, config } = this.#trainer;
    if (this.#tried !== this.#step) await tryEncoder(this.#trainer, this.#dataset, this.#options.threads);
    const between = this.#step % plan.stepsPerEpoch !== 0;
    const metadata = {
      [PICTURES]: config.data.fingerprint,
      ...(between ? { [PROGRESS]: JSON.stringify(this.#meter.progress) } : {}),
    };
    await writeCheckpoint(runPaths(this.#folder).checkpoints, this.#step, values, shapes, metadata);
    this.#saved = this.#step;
  }

  async #export(): Promise<string> {
    const { config, encoder: backbone, encoderValues } = this.#trainer;
    return writeEncoder(runPaths(this.#folder).encoder, { config, backbone, values: encoderValues });
  }

  async #reconstruct(): Promise<string | null> {
    const { config, method, values } = this.#trainer;
    const { reconstructions } = runPaths(this.#folder);
    return writeReconstructions(reconstructions, this.#dataset, {
      config,
      method,
      values,
      threads: this.#options.threads,
    });
  }

  #tell(epoch: number, batch: Batch, report: StepReport, meter: EpochMeter): void {
    const { plan, config } = this.#trainer;
    const secondsLeft = ((this.#trainer.steps - this.#step) * config.batchSize) / meter.rate;
    this.#duration?.afterStep(secondsLeft);
    this.#options.onProgress({
      type: "step",
      epoch: epoch + 1,
      epochs: Math.ceil(config.epochs),
      stepInEpoch: batch.step + 1,
      stepsPerEpoch: plan.stepsPerEpoch,
      step: this.#step,
      steps: this.#trainer.steps,
      loss: report.loss,
      learningRate: report.learningRate,
      picturesPerSecond: meter.rate,
      secondsLeft,
    });
  }
}

/** Lets signals and output be served: the runtime holds the event loop while it computes. */
function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** One session of a run: from the last stored state to the end or an interruption, epoch by epoch. */
import { batches } from "../data/loader.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { optionName } from "../options/option-name.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Change, HistoryEntry, RunConfig } from "../train/run-config.ts";
import type { StepReport, Trainer } from "../train/trainer.ts";
import { changeNotes } from "./change-notes.ts";
import { tryEncoder, withWayBack } from "./diverged-run.ts";
import { EpochMeter, parseEpochProgress } from "./epoch-meter.ts";
import { lookEvery } from "./look-every.ts";
import type { Notes } from "./notes.ts";
import { type EncoderSnapshot, type Observer, snapshotOf } from "./observer.ts";
import { type Pace, paceOf } from "./pace.ts";
import type { OnProgress } from "./progress.ts";
import { PICTURES, type RunStore } from "./run-store.ts";
import { SessionDuration } from "./session-duration.ts";

export interface LoopOptions {
  trainer: Trainer;
  dataset: PictureDataset;
  store: RunStore;
  /** Sets the first values of a run of which the store has no state; by default they are random. */
  begin?: (() => Promise<void>) | undefined;
  /** Called in this order. */
  observers: readonly Observer[];
  notes: Notes;
  onProgress: OnProgress;
  /** Changes since earlier sessions. */
  changes?: readonly Change[];
  /** Threads for measuring the encoder. */
  threads: number;
  /** When the command began, by `performance.now()`: `minutes` count from then. */
  startedAt: number;
  /** See `paceOf`. */
  fewestEpochs?: number | undefined;
  /** Epochs between measurements of the encoder; 0 for never. Default: a fortieth of the run, at least 1. */
  monitorEvery?: number | undefined;
  /** Epochs between stored states. Default: as `monitorEvery`. */
  checkpointEvery?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called after each epoch that is stored; training waits for it. */
  onEpoch?: ((record: EpochRecord, encoder: EncoderSnapshot) => Promise<void>) | undefined;
}

export interface LoopResult {
  interrupted: boolean;
  config: RunConfig;
  steps: number;
  /** Seconds of training, over all sessions. */
  seconds: number;
  epochs: EpochRecord[];
}

const FINISHED = `this run is finished; a larger ${optionName("epochs")} trains it further`;

/** The name under which a state in the middle of an epoch stores the progress of that epoch. */
const PROGRESS = "epoch_progress";

export class TrainingLoop {
  readonly #options: LoopOptions;
  readonly #epochs: EpochRecord[] = [];
  /** The part of the present epoch that earlier sessions and this one have finished. */
  #meter: EpochMeter;
  #step = 0;
  /** The step of the last stored state. */
  #saved = 0;
  /** The last step whose encoder was tested on pictures. */
  #tried = 0;
  /** Seconds of the finished epochs. */
  #seconds = 0;
  #duration: SessionDuration | null = null;
  /** Null if the epochs follow from the configuration only. */
  #pace: Pace | null = null;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#meter = new EpochMeter(options.trainer.config.batchSize);
  }

  /**
   * Trains to the end of the run, or until the signal is aborted. The step in progress is then finished and
   * stored.
   *
   * @throws AfterimageError `train/not-finite` when training diverges; the last stored state is then from
   * before.
   */
  async go(): Promise<LoopResult> {
    await this.#restore();
    try {
      return await this.#goOn();
    } catch (error) {
      throw withWayBack(error, { step: this.#step, saved: this.#saved });
    }
  }

  async #goOn(): Promise<LoopResult> {
    const { trainer, signal, notes, onProgress, startedAt, fewestEpochs } = this.#options;
    await this.#recordChanges();
    const pacing = { startedAt, fewestEpochs, secondsBefore: this.#seconds, step: this.#step };
    this.#pace = paceOf(trainer.config, pacing);
    this.#tellOfParts();
    this.#duration = new SessionDuration(onProgress);
    if (this.#step >= trainer.steps) notes.add(FINISHED);
    while (this.#step < trainer.steps && !signal?.aborted) await this.#epoch();
    if (this.#step !== this.#saved) await this.#save();
    const finished = this.#step >= trainer.steps;
    if (finished) for (const observer of this.#options.observers) await observer.finish?.(trainer);
    return {
      interrupted: !finished,
      config: trainer.config,
      steps: this.#step,
      seconds: this.#seconds + this.#meter.seconds,
      epochs: this.#epochs,
    };
  }

  async #restore(): Promise<void> {
    const { trainer, store, notes } = this.#options;
    const { values, stored, plan, config } = trainer;
    const lengths = new Map([...stored].map(([path, data]) => [path, data.length]));
    const expected = { lengths, pictures: config.data.fingerprint };
    const state = await store.readState(expected, notes.add);
    if (state === null) await this.#options.begin?.();
    else {
      for (const [path, data] of state.arrays) values.set(path, data);
      this.#step = state.step;
      this.#saved = state.step;
      const before = parseEpochProgress(state.metadata[PROGRESS], this.#step % plan.stepsPerEpoch);
      this.#meter = new EpochMeter(config.batchSize, before ?? undefined);
    }
    // Epochs after the state are trained again, and their old records would be duplicates.
    for (const record of await store.rewindRecords(this.#step)) {
      this.#epochs.push(record);
      this.#seconds = record.seconds;
    }
  }

  /** Stores the changes that apply from here on with the run. */
  async #recordChanges(): Promise<void> {
    const { changes = [], notes } = this.#options;
    if (changes.length === 0) return;
    notes.addAll(changeNotes(changes, this.#step));
    await this.#follow({ step: this.#step, changes: [...changes] });
  }

  /** Stores a change with the run, then continues with it. */
  async #follow(entry: HistoryEntry, changed: Partial<RunConfig> = {}): Promise<void> {
    const { trainer, store } = this.#options;
    const { config } = trainer;
    const next = { ...config, ...changed, history: [...(config.history ?? []), entry] };
    await store.writeConfig(next);
    trainer.follow(next);
  }

  #tellOfParts(): void {
    const { trainer, notes } = this.#options;
    const { config, method, isSplit, hasBatchNorm } = trainer;
    if (!isSplit || !hasBatchNorm) return;
    const { microBatch, batchSize } = config;
    const seen = method.batchNormSees(config.method.settings, microBatch);
    notes.add(`batch norm sees ${seen} pictures at a time, not the ${batchSize} of a step`);
  }

  /** The rest of the present epoch. */
  async #epoch(): Promise<void> {
    const { trainer, dataset, signal } = this.#options;
    const { config, plan, targets, peers: share } = trainer;
    const epoch = Math.floor(this.#step / plan.stepsPerEpoch);
    const startStep = this.#step % plan.stepsPerEpoch;
    const { batchSize, microBatch: partSize, seed } = config;
    this.#meter = new EpochMeter(batchSize, startStep === 0 ? undefined : this.#meter.progress);
    const source = { batchSize, partSize, seed, epoch, startStep, targets, share };
    for await (const batch of batches(dataset, source)) {
      const report = await trainer.step(batch, this.#step);
      this.#step += 1;
      this.#meter.add(report);
      this.#tellOfStep(epoch, batch.step, report);
      await breath();
      if (this.#step === trainer.steps || signal?.aborted) break;
    }
    if (this.#step % plan.stepsPerEpoch === 0 || this.#step === trainer.steps)
      await this.#endEpoch(epoch + 1);
  }

  async #endEpoch(epoch: number): Promise<void> {
    const last = this.#step === this.#options.trainer.steps;
    const record = await this.#look(this.#recordOf(epoch), last);
    await this.#keep(record, last);
    await this.#tell(record);
    if (last) return;
    if (this.#options.observers.some((observer) => observer.isEnough?.(this.#epochs))) await this.#endHere();
    else await this.#keepPace();
  }

  /** The epoch's record before observers add to it. Counting starts again for the next epoch. */
  #recordOf(epoch: number): EpochRecord {
    const { config, method } = this.#options.trainer;
    const meter = this.#meter;
    this.#meter = new EpochMeter(config.batchSize);
    this.#seconds += meter.seconds;
    const { batchSize, data } = config;
    return {
      ...{ type: "epoch", epoch, step: this.#step, seconds: this.#seconds },
      collapsedLoss: method.collapsedLoss(config.method.settings, batchSize, data.pictures),
      ...{ loss: meter.meanLoss, learningRate: meter.learningRate, metrics: meter.means },
      picturesPerSecond: meter.rate,
      ...{ knn: null, health: null, warning: null },
    };
  }

  /** Adds the observers' changes. */
  async #look(record: EpochRecord, last: boolean): Promise<EpochRecord> {
    const { trainer, observers } = this.#options;
    const { monitorEvery } = lookEvery(trainer.plan, this.#options);
    const due = monitorEvery > 0 && (record.epoch % monitorEvery === 0 || last);
    let known = record;
    for (const observer of observers) {
      const more = await observer.epoch?.({ trainer, record: known, before: this.#epochs, due });
      known = { ...known, ...more };
    }
    if (known.health !== null) this.#tried = this.#step;
    return known;
  }

  /**
   * In this order, a process that is killed between the two leaves one record too many, which resuming drops.
   * It never leaves one too few.
   */
  async #keep(record: EpochRecord, last: boolean): Promise<void> {
    this.#epochs.push(record);
    await this.#options.store.appendRecord(record);
    const { checkpointEvery } = lookEvery(this.#options.trainer.plan, this.#options);
    if (record.epoch % checkpointEvery === 0 || last) await this.#save();
  }

  async #tell(record: EpochRecord): Promise<void> {
    const { onProgress, onEpoch, trainer } = this.#options;
    onProgress(record);
    await onEpoch?.(record, snapshotOf(trainer));
  }

  /** Ends the run with the present epoch. */
  async #endHere(): Promise<void> {
    const { trainer, notes } = this.#options;
    const { config, plan } = trainer;
    const epochs = this.#step / plan.stepsPerEpoch;
    notes.add(`the score has stopped rising: the run ends after ${epochs} of ${config.epochs} epochs`);
    const changes = [{ name: "epochs", from: config.epochs, to: epochs }];
    await this.#follow({ step: this.#step, changes, because: "validation" }, { epochs });
  }

  /** Changes the run's epochs to those that there is time for. */
  async #keepPace(): Promise<void> {
    const { trainer, notes } = this.#options;
    const { config, plan } = trainer;
    const { stepsPerEpoch, steps: scheduledSteps } = plan;
    const place = { step: this.#step, steps: trainer.steps, scheduledSteps, stepsPerEpoch };
    const decision = this.#pace?.decide(place) ?? null;
    if (decision === null) return;
    const { epochs, note } = decision;
    if (note !== null) notes.add(note);
    if (epochs === null) return;
    const changes = [{ name: "epochs", from: config.epochs, to: epochs }];
    await this.#follow({ step: this.#step, changes, because: "pace" }, { epochs });
  }

  async #save(): Promise<void> {
    const { trainer, dataset, store, threads } = this.#options;
    const { stored, shapes, plan, config } = trainer;
    if (this.#tried !== this.#step) await tryEncoder(trainer, dataset, threads);
    const between = this.#step % plan.stepsPerEpoch !== 0;
    const metadata = {
      [PICTURES]: config.data.fingerprint,
      ...(between ? { [PROGRESS]: JSON.stringify(this.#meter.progress) } : {}),
    };
    await store.writeState({ step: this.#step, arrays: stored, metadata }, shapes);
    this.#saved = this.#step;
  }

  #tellOfStep(epoch: number, stepInEpoch: number, report: StepReport): void {
    const { trainer, onProgress } = this.#options;
    const { plan, config, steps } = trainer;
    const picturesPerSecond = this.#meter.rate;
    const secondsLeft = ((steps - this.#step) * config.batchSize) / picturesPerSecond;
    this.#duration?.afterStep(secondsLeft);
    onProgress({
      type: "step",
      ...{ epoch: epoch + 1, epochs: Math.ceil(config.epochs) },
      ...{ stepInEpoch: stepInEpoch + 1, stepsPerEpoch: plan.stepsPerEpoch },
      ...{ step: this.#step, steps },
      ...{ loss: report.loss, learningRate: report.learningRate },
      ...{ picturesPerSecond, secondsLeft },
    });
  }
}

/** Lets signals and output be served: the runtime blocks the event loop while it computes. */
function breath(): Promise<void> {
  const { setImmediate: soon = (go: () => void) => setTimeout(go, 0) } = globalThis as {
    setImmediate?: (go: () => void) => unknown;
  };
  return new Promise((resolve) => void soon(resolve));
}

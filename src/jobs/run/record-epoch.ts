/** What is kept and told of an epoch, with the warning if it looks wrong. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { collapseWarning } from "../../evaluate/health.ts";
import type { Method } from "../../methods/method.ts";
import type { Trainer } from "../../train/trainer.ts";
import { poorPicturesAdvice } from "../notes/picture-notes.ts";
import type { EpochRecord } from "../progress.ts";
import type { EpochMeter } from "./epoch-meter.ts";
import { wholeEpochLosses } from "./whole-epoch-losses.ts";

export interface DoneEpoch {
  /** 1-based. */
  epoch: number;
  /** Steps of the run that are done. */
  step: number;
  /** Of training until now, over all sessions. */
  seconds: number;
  meter: EpochMeter;
  /** Both null where the encoder was not looked at. */
  looked: Pick<EpochRecord, "knn" | "health">;
}

export interface RecordContext {
  trainer: Pick<Trainer, "config" | "plan" | "method" | "unsettledEpochs">;
  dataset: PictureDataset;
  /** The epochs before this one. */
  before: readonly EpochRecord[];
}

export function recordOf(done: DoneEpoch, context: RecordContext): EpochRecord {
  const { epoch, step, seconds, meter, looked } = done;
  const { config, method } = context.trainer;
  const { settings } = config.method;
  const collapsedLoss = method.collapsedLoss(settings, config.batchSize, config.data.pictures);
  return {
    ...{ type: "epoch", epoch, step, seconds, collapsedLoss },
    ...{ loss: meter.meanLoss, learningRate: meter.learningRate, metrics: meter.means },
    picturesPerSecond: meter.rate,
    ...looked,
    warning: looked.health && warningOf(looked.health, collapsedLoss, done, context),
  };
}

function warningOf(
  health: NonNullable<EpochRecord["health"]>,
  lossAtCollapse: number | null,
  { epoch, step, meter }: DoneEpoch,
  { trainer, dataset, before }: RecordContext,
): string | null {
  const { config, plan, method, unsettledEpochs: unsettled } = trainer;
  const loss = meter.meanLoss;
  const spread = method.spread?.(config.microBatch) ?? [];
  return collapseWarning({
    ...{ epoch, loss, lossAtCollapse, health, unsettled },
    losses: wholeEpochLosses([...before, { loss, step }], plan.stepsPerEpoch),
    rankBefore: before.findLast((record) => record.health !== null)?.health?.rankMe,
    embeddings: spread.map((bar) => ({ ...bar, value: meter.means[bar.metric]! })),
    advice: adviceFor(method, dataset),
  });
}

/** Pictures that are poor themselves come before what the method advises. */
function adviceFor({ advice }: Method, dataset: PictureDataset): Method["advice"] {
  const poor = poorPicturesAdvice(dataset);
  if (poor === null) return advice;
  return { ...advice, "collapsed-features": poor, "loss-at-collapse": poor, "loss-not-falling": poor };
}

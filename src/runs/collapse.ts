/** The warning for a run whose encoder or loss looks collapsed. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { collapseWarning } from "../evaluate/health.ts";
import type { CompleteMethod } from "../methods/complete-method.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { EpochEnd, Observer } from "./observer.ts";
import { poorPicturesAdvice } from "./poor-pictures-advice.ts";
import { wholeEpochLosses } from "./whole-epoch-losses.ts";

/** Warns in epochs in which an earlier observer has measured the encoder. */
export function collapseObserver(dataset: PictureDataset): Observer {
  return {
    async epoch(end) {
      const { health } = end.record;
      return health === null ? undefined : { warning: warningOf(health, end, dataset) };
    },
  };
}

function warningOf(
  health: NonNullable<EpochRecord["health"]>,
  { trainer, record, before }: EpochEnd,
  dataset: PictureDataset,
): string | null {
  const { config, plan, method, unsettledEpochs: unsettled } = trainer;
  const { epoch, loss, collapsedLoss: lossAtCollapse, metrics } = record;
  const spread = method.spread?.(config.microBatch) ?? [];
  return collapseWarning({
    ...{ epoch, loss, lossAtCollapse, health, unsettled },
    losses: wholeEpochLosses([...before, record], plan.stepsPerEpoch),
    rankBefore: before.findLast((earlier) => earlier.health !== null)?.health?.rankMe,
    embeddings: spread.map((bar) => ({ ...bar, value: metrics[bar.metric]! })),
    advice: adviceFor(method, dataset),
  });
}

/** Advice about poor pictures comes before the method's own advice. */
function adviceFor({ advice }: CompleteMethod, dataset: PictureDataset): CompleteMethod["advice"] {
  const poor = poorPicturesAdvice(dataset);
  if (poor === null) return advice;
  return { ...advice, "collapsed-features": poor, "loss-at-collapse": poor, "loss-not-falling": poor };
}

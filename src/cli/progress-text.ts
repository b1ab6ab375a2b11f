/** What progress says, in words: shared by the bar on a terminal and the plain lines elsewhere. */
import type { EpochRecord, Progress } from "../jobs/progress.ts";
import { formatCount, formatDuration, formatLoss, formatShare } from "./format.ts";

type StepEvent = Extract<Progress, { type: "step" }>;

/** Facts of a step, the most wanted first: what does not fit on a line is left out from the end. */
export function stepFacts(event: StepEvent): string[] {
  return [
    `loss ${formatLoss(event.loss)}`,
    `${formatDuration(event.secondsLeft)} left`,
    `${formatCount(event.picturesPerSecond)} pictures/s`,
  ];
}

/** kNN and health as they were when last looked at; nothing when they were not. */
export function qualityFacts({ knn, health }: Pick<EpochRecord, "knn" | "health">): string[] {
  const facts = knn === null ? [] : [`kNN ${formatShare(knn.accuracy, knn.standardError)}`];
  if (health === null) return facts;
  return [...facts, `rank ${health.rankMe.toFixed(1)}`, deviationFact(health)];
}

/** `epoch 3/100: loss 3.214, kNN 54.1 %, …`, followed by the warning if there is one. */
export function epochLines(record: EpochRecord, epochs: number): string[] {
  const facts = [
    `loss ${formatLoss(record.loss)}`,
    ...qualityFacts(record),
    `${formatCount(record.picturesPerSecond)} pictures/s`,
    formatDuration(record.seconds),
  ];
  const line = `epoch ${record.epoch}/${epochs}: ${facts.join(", ")}`;
  return record.warning === null ? [line] : [line, `warning: ${record.warning}`];
}

/** What pictures are being made into. */
export function workLabel({ type }: { type: "cache" | "features" }): string {
  return type === "cache" ? "reading pictures" : "computing features";
}

function deviationFact({ deviation, idealDeviation }: NonNullable<EpochRecord["health"]>): string {
  return `deviation ${deviation.toPrecision(2)} of ${idealDeviation.toPrecision(2)}`;
}

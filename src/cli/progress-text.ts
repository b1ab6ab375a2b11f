/** The text of progress, shared by the bar on a terminal and the plain lines elsewhere. */
import type { EpochRecord, Progress } from "../runs/progress.ts";
import { formatCount, formatDuration, formatLoss, formatPercent, formatShare } from "./format.ts";

type StepEvent = Extract<Progress, { type: "step" }>;

/** Facts of a step, the most important first: the last ones are left out if a line is too short. */
export function stepFacts(event: StepEvent): string[] {
  return [
    `loss ${formatLoss(event.loss)}`,
    `${formatDuration(event.secondsLeft)} left`,
    `${formatCount(event.picturesPerSecond)} pictures/s`,
  ];
}

/** kNN, the score on held-out pictures, and health of the last evaluation; empty if there was none. */
export function qualityFacts({
  knn,
  health,
  validation,
}: Pick<EpochRecord, "knn" | "health" | "validation">): string[] {
  const facts = [
    ...(knn === null ? [] : [`kNN ${formatShare(knn.accuracy, knn.standardError)}`]),
    ...(validation === undefined ? [] : [`validation ${validationText(validation)}`]),
  ];
  if (health === null) return facts;
  return [...facts, `rank ${health.rankMe.toFixed(1)}`, deviationFact(health)];
}

function validationText({ name, score }: NonNullable<EpochRecord["validation"]>): string {
  return name === "mean absolute error" ? `error ${formatLoss(score)}` : `${name} ${formatPercent(score)}`;
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

/** The name of the current work on pictures. */
export function workLabel({ type }: { type: "cache" | "features" }): string {
  return type === "cache" ? "reading pictures" : "computing features";
}

function deviationFact({ deviation, idealDeviation }: NonNullable<EpochRecord["health"]>): string {
  return `deviation ${deviation.toPrecision(2)} of ${idealDeviation.toPrecision(2)}`;
}

/** The most lines for epochs in a run, apart from epochs with measurements or warnings. */
const EPOCHS_SHOWN = 40;

/** Whether an epoch has its own line: if there are many epochs, only some have. */
export function isShown({ epoch, health, validation, warning }: EpochRecord, epochs: number): boolean {
  if (epochs <= EPOCHS_SHOWN || health !== null || validation !== undefined || warning !== null) return true;
  return epoch % Math.floor(epochs / EPOCHS_SHOWN) === 0;
}

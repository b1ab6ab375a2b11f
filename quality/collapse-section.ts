/** Variants without the part that prevents collapse: whether they collapse, and whether training warned. */
import { LEAST_DEVIATION, LEAST_RANK, standsAt } from "afterimage/evaluate";
import { type Entry, firstWarning, ofGroup } from "./entry.ts";
import { markdownTable, percentWithSpread, wrapped } from "./markdown.ts";
import type { Result } from "./result.ts";

const EXPLANATION = `Each variant removes the part of a method that prevents collapse. Collapsed features: after the
last epoch their deviation is below ${LEAST_DEVIATION} of the ideal 1/√D, or their effective rank below ${LEAST_RANK}. Collapsed outputs: the
compared embeddings are the same for all pictures or vary along almost one direction, by the method's own metrics.
Collapsed loss: the loss stays at its value for equal outputs.`;

/** The section of one set; null if no variant was run. */
export function collapseSection(entries: readonly Entry[]): string | null {
  const variants = ofGroup(entries, "variant");
  if (variants.length === 0) return null;
  const rows = variants.map((variant) => {
    const method = entries.find(({ first }) => first.name === variant.first.of);
    const { figures, training } = variant.first;
    return [
      variant.first.title,
      lossOf(training),
      (figures.deviation / figures.idealDeviation).toFixed(3),
      figures.rankMe.toFixed(1),
      percentWithSpread(variant.knn, variant.knnDeviation),
      method === undefined ? "–" : percentWithSpread(method.knn, method.knnDeviation),
      collapseOf(variant.first),
      warningOf(variant),
    ];
  });
  const head = [
    "variant",
    "last loss (at collapse)",
    "deviation / ideal",
    "RankMe",
    "kNN",
    "kNN of the method",
    "collapsed",
    "warning fired",
  ];
  return `### Deliberate collapses, on ${variants[0]!.first.setTitle}\n\n${wrapped(EXPLANATION)}\n\n${markdownTable(head, rows)}`;
}

function lossOf(training: Result["training"]): string {
  const last = training?.course.at(-1)?.loss;
  if (last === undefined) return "–";
  const collapsed = training?.collapsedLoss ?? null;
  return `${last.toFixed(4)} (${collapsed === null ? "unknown" : collapsed.toFixed(4)})`;
}

/** The parts that have collapsed after the last epoch: some of `features`, `outputs` and `loss`, or `no`. */
export function collapseOf({ figures, training }: Pick<Result, "figures" | "training">): string {
  const signs: string[] = [];
  const isFlat = figures.deviation < LEAST_DEVIATION * figures.idealDeviation;
  if (isFlat || figures.rankMe < LEAST_RANK) signs.push("features");
  const { spread = {} } = training?.course.at(-1) ?? {};
  const bars = Object.entries(training?.leastSpread ?? {});
  if (bars.some(([metric, least]) => spread[metric]! < least)) signs.push("outputs");
  const last = training?.course.at(-1)?.loss;
  const level = training?.collapsedLoss ?? null;
  if (last !== undefined && level !== null && standsAt([last], level)) signs.push("loss");
  return signs.join(", ") || "no";
}

function warningOf(variant: Entry): string {
  const epoch = firstWarning(variant);
  const epochs = variant.first.training?.epochs;
  return epoch === null ? "no" : `yes, epoch ${epoch} of ${epochs}`;
}

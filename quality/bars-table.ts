/** The table of bars that every method should clear, with the result of each. */
import { METHODS } from "afterimage/methods";
import { PIXELS } from "./baselines.ts";
import { type Entry, firstWarning } from "./entry.ts";
import { markdownTable, wrapped } from "./markdown.ts";
import { untrainedOf } from "./untrained.ts";

const EXPLANATION = `Bars, each with the difference in points. Over untrained: the method beats its own untrained network by two spreads.
The larger of the two spreads counts: over seeds, or for a single seed that of the choice of test pictures,
√(p(1 - p)/n). Over pixels: a method that compares embeddings beats raw pixels in the linear probe by any margin. Beside
lightly: the kNN accuracy is less than one point below that of the same recipe in lightly. No warning: no epoch of any seed had a warning.`;

export function barsTable(methods: readonly Entry[], entries: readonly Entry[]): string {
  const find = (name: string) => entries.find(({ first }) => first.name === name);
  const pixels = find(PIXELS);
  const rows = methods.map((method) => {
    const { first } = method;
    const untrained = find(untrainedOf(first.name)?.name ?? "");
    const peer = entries.find((entry) => entry.first.group === "peer" && entry.first.of === first.name);
    return [
      first.title,
      untrained === undefined ? "–" : overBySpreads(method, untrained, "knn"),
      untrained === undefined ? "–" : overBySpreads(method, untrained, "linear"),
      METHODS.find(({ name }) => name === first.name)?.predictive || pixels === undefined
        ? "–"
        : verdict(method.linear - pixels.linear, 0),
      peer === undefined ? "–" : verdict(method.knn - peer.knn, -0.01),
      firstWarning(method) === null ? "met" : "not met",
    ];
  });
  const head = [
    "method",
    "over untrained: kNN",
    "linear probe",
    "over pixels",
    "beside lightly",
    "no warning",
  ];
  return `${wrapped(EXPLANATION)}\n\n${markdownTable(head, rows)}`;
}

function overBySpreads(method: Entry, untrained: Entry, measure: "knn" | "linear"): string {
  const spread = Math.max(method[`${measure}Spread`], untrained[`${measure}Spread`]);
  return verdict(method[measure] - untrained[measure], 2 * spread);
}

/** Whether a difference of shares is above a bar. */
export function verdict(difference: number, bar: number): string {
  const points = (100 * difference).toFixed(1);
  return `${difference > bar ? "met" : "not met"}, ${difference >= 0 ? "+" : ""}${points}`;
}

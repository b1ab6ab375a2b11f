/** The bars that every method has to clear, each met or not. */
import { METHODS } from "afterimage/methods";
import { PIXELS } from "./baselines.ts";
import { type Entry, firstWarning } from "./entry.ts";
import { markdownTable } from "./markdown.ts";
import { untrainedOf } from "./untrained.ts";

const EXPLANATION = `Bars, each with the difference in points. Over untrained: a method beats its own network untrained by two spreads, of
which the larger counts (over seeds; of a single seed that of the choice of test pictures, √(p(1 - p)/n)). Over pixels:
methods that compare embeddings beat raw pixels in the linear probe by any margin. Beside lightly: kNN within a point of
the same recipe there, or better. No warning: none fired in any epoch of any seed.`;

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
  return `${EXPLANATION}\n\n${markdownTable(head, rows)}`;
}

function overBySpreads(method: Entry, untrained: Entry, measure: "knn" | "linear"): string {
  const spread = Math.max(method[`${measure}Spread`], untrained[`${measure}Spread`]);
  return verdict(method[measure] - untrained[measure], 2 * spread);
}

/** Whether a difference of shares lies above a bar. */
export function verdict(difference: number, bar: number): string {
  const points = (100 * difference).toFixed(1);
  return `${difference > bar ? "met" : "not met"}, ${difference >= 0 ? "+" : ""}${points}`;
}

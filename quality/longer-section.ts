/** The table of runs with other minutes than the usual ones. */
import { entriesOf } from "./entry.ts";
import { markdownTable, percentWithSpread, recallsInPercent, wrapped } from "./markdown.ts";
import type { Result } from "./result.ts";

const INTRODUCTION =
  "The same sets, encoders and evaluation with other minutes of training. The number of epochs fits the minutes on two " +
  "quiet cores of the machine. If other programs used the machine, the minutes spent differ.";

/** @returns null if there are no such runs. */
export function longerSection(results: readonly Result[]): string | null {
  if (results.length === 0) return null;
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = JSON.stringify([result.setTitle, result.minutesAsked]);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const rows = [...groups.values()].sort(byMinutes).flatMap(rowsOf);
  const head = [
    "pictures",
    "minutes",
    "method",
    "kNN",
    "linear probe",
    "copies",
    "other artists",
    "epochs",
    "spent",
    "seeds",
    "machine",
  ];
  return ["## More time", wrapped(INTRODUCTION), markdownTable(head, rows)].join("\n\n");
}

function byMinutes([a]: readonly Result[], [b]: readonly Result[]): number {
  return a!.setTitle.localeCompare(b!.setTitle) || a!.minutesAsked - b!.minutesAsked;
}

function rowsOf(results: readonly Result[]): string[][] {
  return entriesOf(results).map((entry) => {
    const { first, knn, knnDeviation, linear, linearDeviation, copies, artists } = entry;
    const { training, machine, setTitle, minutesAsked, title } = first;
    return [
      ...[setTitle, `${minutesAsked}`, title],
      ...[percentWithSpread(knn, knnDeviation), percentWithSpread(linear, linearDeviation)],
      ...[recallsInPercent(copies), recallsInPercent(artists)],
      training?.epochs.toFixed(training.epochs < 10 ? 1 : 0) ?? "–",
      training?.minutes.toFixed(0) ?? "–",
      `${entry.results.length}`,
      `${machine.cpu}, ${first.threads} ${first.threads === 1 ? "thread" : "threads"}`,
    ];
  });
}

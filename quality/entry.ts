/** The results of one contestant on one set, over its seeds. */
import type { Recalls } from "../demo/tasks.ts";
import { meanOf } from "../demo/tasks.ts";
import type { Result } from "./result.ts";
import { deviation, mean, spread } from "./statistics.ts";

export interface Entry {
  /** Any of the results, for the properties that they have in common. */
  first: Result;
  results: readonly Result[];
  knn: number;
  linear: number;
  rankMe: number;
  /** Means over the seeds whose files have them; null if none has. */
  copies: Recalls | null;
  artists: Recalls | null;
  /** Deviations over the seeds; null for one seed. */
  knnDeviation: number | null;
  linearDeviation: number | null;
  /** Spreads for bars: over the seeds, or of the choice of test pictures. */
  knnSpread: number;
  linearSpread: number;
}

/** One entry for each contestant, the best kNN first. */
export function entriesOf(results: readonly Result[]): Entry[] {
  const names = [...new Set(results.map(({ name }) => name))];
  return names
    .map((name) => entryOf(results.filter((result) => result.name === name)))
    .sort((a, b) => b.knn - a.knn);
}

function entryOf(results: readonly Result[]): Entry {
  const first = results[0]!;
  const [knn, linear] = [
    results.map(({ figures }) => figures.knn),
    results.map(({ figures }) => figures.linear),
  ];
  const { test } = first.pictures;
  return {
    first,
    results,
    knn: mean(knn),
    linear: mean(linear),
    rankMe: mean(results.map(({ figures }) => figures.rankMe)),
    copies: meanOfThose(results.map(({ figures }) => figures.copies)),
    artists: meanOfThose(results.map(({ figures }) => figures.artists)),
    ...{ knnDeviation: deviation(knn), linearDeviation: deviation(linear) },
    ...{ knnSpread: spread(knn, test), linearSpread: spread(linear, test) },
  };
}

function meanOfThose(all: readonly (Recalls | null | undefined)[]): Recalls | null {
  const there = all.filter((each) => each !== null && each !== undefined);
  return there.length === 0 ? null : meanOf(there);
}

export function ofGroup(entries: readonly Entry[], group: Result["group"]): Entry[] {
  return entries.filter(({ first }) => first.group === group);
}

/** The first epoch, in any seed, after which the health warning fired; null for never. */
export function firstWarning({ results }: Entry): number | null {
  const epochs = results.flatMap(
    ({ training }) => training?.course.filter(({ warning }) => warning !== null) ?? [],
  );
  return epochs.length === 0 ? null : Math.min(...epochs.map(({ epoch }) => epoch));
}

/** The mean over the seeds of a value of their training. */
export function meanOfTraining(
  { results }: Entry,
  value: (training: NonNullable<Result["training"]>) => number,
): number | null {
  const trainings = results.flatMap(({ training }) => (training === null ? [] : [training]));
  return trainings.length === 0 ? null : mean(trainings.map(value));
}

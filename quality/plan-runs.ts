/** The runs to do, and their order. */
import type { Contestant } from "./contestant.ts";
import type { RunName } from "./result.ts";

export interface PlannedSet {
  name: string;
  /** Seeds, if none are given. */
  seeds: readonly number[];
}

export interface PlanOptions<S extends PlannedSet, C extends Pick<Contestant, "name" | "seeds">> {
  sets: readonly S[];
  contestants: readonly C[];
  /** Seeds for all sets; null for those of each set. */
  seeds: readonly number[] | null;
  /** Whether there is already a result to keep. */
  isDone(run: Omit<RunName, "minutes">): boolean;
}

export interface PlannedRun<S, C> {
  set: S;
  contestant: C;
  seed: number;
}

/**
 * The missing runs. The first seed of everything comes first, so an interrupted series leaves a whole table.
 * A contestant without a spread runs with a set's first seed, unless seeds are given. A contestant that does
 * not depend on the seed runs once.
 */
export function planRuns<S extends PlannedSet, C extends Pick<Contestant, "name" | "seeds">>({
  sets,
  contestants,
  seeds,
  isDone,
}: PlanOptions<S, C>): PlannedRun<S, C>[] {
  const seedsFor = (set: S, { seeds: which }: C) => {
    if (which === "none") return [0];
    return seeds ?? (which === "first" ? set.seeds.slice(0, 1) : set.seeds);
  };
  const runs = sets.flatMap((set) =>
    contestants.flatMap((contestant) =>
      seedsFor(set, contestant).map((seed, turn) => ({ set, contestant, seed, turn })),
    ),
  );
  return runs
    .filter(({ set, contestant, seed }) => !isDone({ set: set.name, name: contestant.name, seed }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ turn: _, ...run }) => run);
}

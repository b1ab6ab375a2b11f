/** Which runs are to be done, in which order. */
import type { Contestant } from "./contestant.ts";
import type { RunName } from "./result.ts";

export interface PlannedSet {
  name: string;
  /** Seeds where none are named. */
  seeds: readonly number[];
}

export interface PlanOptions<S extends PlannedSet, C extends Pick<Contestant, "name" | "seeds">> {
  sets: readonly S[];
  contestants: readonly C[];
  /** Seeds for all, null for those of each set. */
  seeds: readonly number[] | null;
  /** Whether there is a result already that is to be kept. */
  isDone(run: Omit<RunName, "minutes">): boolean;
}

export interface PlannedRun<S, C> {
  set: S;
  contestant: C;
  seed: number;
}

/**
 * The runs that are missing. The first seed of everything comes first, so that an interrupted night leaves a
 * whole table. What needs no spread runs with a set's first seed, unless seeds are named; what does not
 * depend on the seed runs once.
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

import { expect, test } from "vitest";
import type { Contestant } from "../../quality/contestant.ts";
import { planRuns } from "../../quality/plan-runs.ts";

const SETS = [
  { name: "emoji", seeds: [0, 1] },
  { name: "clothes", seeds: [0] },
];
const contestant = (name: string, seeds: Contestant["seeds"] = "all") => ({ name, seeds });
const CONTESTANTS = [contestant("pixels", "none"), contestant("simclr"), contestant("dino-bare", "first")];

const planned = (
  options: Partial<Parameters<typeof planRuns<(typeof SETS)[0], (typeof CONTESTANTS)[0]>>[0]>,
) =>
  planRuns({ sets: SETS, contestants: CONTESTANTS, seeds: null, isDone: () => false, ...options }).map(
    ({ set, contestant: { name }, seed }) => `${set.name}/${name}-${seed}`,
  );

test("the first seed of everything comes first; contestants without a spread have one seed, and those without a seed run once", () => {
  expect(planned({})).toEqual([
    "emoji/pixels-0",
    "emoji/simclr-0",
    "emoji/dino-bare-0",
    "clothes/pixels-0",
    "clothes/simclr-0",
    "clothes/dino-bare-0",
    "emoji/simclr-1",
  ]);
});

test("given seeds are for all sets, and for contestants without a spread too", () => {
  expect(planned({ sets: [SETS[1]!], seeds: [3, 4] })).toEqual([
    "clothes/pixels-0",
    "clothes/simclr-3",
    "clothes/dino-bare-3",
    "clothes/simclr-4",
    "clothes/dino-bare-4",
  ]);
});

test("finished runs are left out", () => {
  expect(planned({ isDone: ({ set, name }) => set === "emoji" || name === "simclr" })).toEqual([
    "clothes/pixels-0",
    "clothes/dino-bare-0",
  ]);
});

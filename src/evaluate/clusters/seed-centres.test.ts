import { describe, expect, test } from "vitest";
import { randomStream } from "../../random/random-stream.ts";
import { centreDistances } from "./centre-distances.ts";
import { clusterRows } from "./cluster-rows.ts";
import { seedCentres, seedTrials } from "./seed-centres.ts";

async function seedsOf(line: number[], k: number, draws: number): Promise<number[][]> {
  const rows = clusterRows({ rows: line.length, cols: 1, data: Float32Array.from(line) }, "euclidean");
  const distances = await centreDistances(rows, { count: seedTrials(k), threads: 1, output: "all" });
  const all: number[][] = [];
  for (let draw = 0; draw < draws; draw++)
    all.push(await seedCentres(rows, { k, random: randomStream(draw, "seeds", 0, 0), distances }));
  await distances.release();
  return all;
}

describe("seedCentres", () => {
  test("takes a point of each of three heaps", async () => {
    const line = [0, 0.1, 0.2, 50, 50.1, 50.2, 99, 99.1, 99.2];
    for (const seeds of await seedsOf(line, 3, 20))
      expect(seeds.map((row) => Math.floor(row / 3)).sort()).toEqual([0, 1, 2]);
  });

  test("takes the second point by its squared distance, the best of two draws", async () => {
    // First 0 in a third of the draws; then 1 and 3 have weights 1 and 9. Of two draws the better is taken:
    // with centres 0 and 3 the sum left is 1, with 0 and 1 it is 4. So 1 is taken if both draws are 1.
    const seeds = (await seedsOf([0, 1, 3], 2, 1200)).filter(([first]) => first === 0);
    const ones = seeds.filter(([, second]) => second === 1).length / seeds.length;
    expect(Math.abs(seeds.length / 1200 - 1 / 3)).toBeLessThan(0.04);
    expect(Math.abs(ones - 0.01)).toBeLessThan(0.015);
  });

  test("draws from all alike where every point is at a centre", async () => {
    const [seeds] = await seedsOf([4, 4, 4], 3, 1);
    expect(seeds).toHaveLength(3);
  });
});

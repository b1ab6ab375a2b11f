/** Clusters and their scores as scikit-learn and scipy have them (scripts/make_cluster_scores.py). */
import { describe, expect, test } from "vitest";
import { centreDistances } from "../../src/evaluate/clusters/centre-distances.ts";
import { centredPoints, clusterRows } from "../../src/evaluate/clusters/cluster-rows.ts";
import { improveCentres } from "../../src/evaluate/clusters/improve-centres.ts";
import {
  adjustedMutualInformation,
  adjustedRandIndex,
  bestMatching,
  clusterScores,
  contingencyTable,
  type EntropyAverage,
  entropy,
  kMeans,
  matchedAccuracy,
  mutualInformation,
  normalizedMutualInformation,
} from "../../src/evaluate/index.ts";
import { readFixture } from "../support/fixtures.ts";

/** The fixture has float64. */
const DIGITS = 12;
const fixture = readFixture("cluster-scores");

const near = (got: number, entry: string) => expect(got, entry).toBeCloseTo(fixture.scalar(entry), DIGITS);

describe.each(fixture.setting<string[]>("divisions"))("clusters %s", (name) => {
  const [labels, clusters] = [fixture.numbers(`${name}/labels`), fixture.numbers(`${name}/clusters`)];
  const table = contingencyTable(labels, clusters);

  test("have scikit-learn's table", () => {
    expect([table.rows, table.cols]).toEqual(fixture.shape(`${name}/counts`));
    expect(Array.from(table.data)).toEqual(fixture.numbers(`${name}/counts`));
  });

  test("have its entropies, mutual information and adjusted Rand index, and scipy's best matching", () => {
    const countsOf = (values: number[]) =>
      [...new Set(values)].map((one) => values.filter((v) => v === one).length);
    const [first, second] = fixture.numbers(`${name}/entropies`) as [number, number];
    expect(entropy(countsOf(labels))).toBeCloseTo(first, DIGITS);
    expect(entropy(countsOf(clusters))).toBeCloseTo(second, DIGITS);
    near(mutualInformation(table), `${name}/mutual_information`);
    near(adjustedRandIndex(table), `${name}/adjusted_rand_index`);
    near(matchedAccuracy(table), `${name}/accuracy`);
  });

  test("have its normalised and adjusted mutual information, by every mean of the entropies", () => {
    const averages = fixture.endings(`${name}/normalized/`) as EntropyAverage[];
    expect(averages.length).toBe(name === "one_cluster" ? 2 : 4);
    for (const average of averages) {
      near(normalizedMutualInformation(table, average), `${name}/normalized/${average}`);
      near(adjustedMutualInformation(table, average), `${name}/adjusted/${average}`);
    }
  });

  test("have all four scores at once", () => {
    const scores = clusterScores(labels, clusters);
    near(scores.normalizedMutualInformation, `${name}/normalized/arithmetic`);
    near(scores.adjustedMutualInformation, `${name}/adjusted/arithmetic`);
    near(scores.adjustedRandIndex, `${name}/adjusted_rand_index`);
    near(scores.accuracy, `${name}/accuracy`);
  });
});

test("a joint distribution has scipy's mutual information", () => {
  const [rows, cols] = fixture.shape("joint/table") as [number, number];
  near(mutualInformation({ rows, cols, data: fixture.numbers("joint/table") }), "joint/mutual_information");
});

test("the best matching of a table of numbers has scipy's sum", () => {
  const [rows, cols] = fixture.shape("matching/weights") as [number, number];
  const data = fixture.numbers("matching/weights");
  const total = Array.from(bestMatching({ rows, cols, data })).reduce(
    (sum, col, row) => sum + (col === -1 ? 0 : data[row * cols + col]!),
    0,
  );
  near(total, "matching/total");
});

describe("k-means", () => {
  const [rows, cols] = fixture.shape("k_means/points") as [number, number];
  const features = { rows, cols, data: fixture.floats("k_means/points") };
  const [k] = fixture.shape("k_means/from_one_heap/centres") as [number];

  test("has scikit-learn's clusters from the same first centres", async () => {
    const rows = clusterRows(features, "euclidean");
    const distances = await centreDistances(rows, { count: k, threads: 1, output: "nearest" });
    const centres = centredPoints(rows, [0, 5, 10, 15, 20]);
    const { clusters } = await improveCentres(rows, {
      centres,
      k,
      distances,
      iterations: 300,
      tolerance: 0,
    });
    await distances.release();
    expect(Array.from(clusters)).toEqual(fixture.numbers("k_means/from_one_heap/clusters"));
  });

  test("has the inertia and the clusters of the best of its hundred starts", async () => {
    const result = await kMeans({ features, k, seed: 0, restarts: 20, tolerance: 0, threads: 1 });
    expect(result.inertia / fixture.scalar("k_means/best/inertia")).toBeCloseTo(1, 6);
    const theirs = fixture.numbers("k_means/best/clusters");
    expect(adjustedRandIndex(contingencyTable(theirs, result.clusters))).toBe(1);
  });
});

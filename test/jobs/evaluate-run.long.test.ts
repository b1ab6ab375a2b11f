import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryDataset } from "../../src/data/memory-dataset.ts";
import { clusterScores } from "../../src/evaluate/clusters/cluster-scores.ts";
import { kMeans } from "../../src/evaluate/clusters/k-means.ts";
import { decodeNpy } from "../../src/formats/npy.ts";
import { embed } from "../../src/jobs/embed.ts";
import { evaluate } from "../../src/jobs/evaluate.ts";
import { CLUSTER_STARTS } from "../../src/jobs/evaluation/score-features.ts";
import { type EncoderSnapshot, pretrain } from "../../src/jobs/pretrain.ts";
import { TINY, TINY_SIMCLR, tinyPictures } from "../support/tiny-run.ts";

let folder: string;
let run: string;
/** The run's encoder in memory. */
let encoder: EncoderSnapshot;
const pictures = tinyPictures();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-evaluate-"));
  const options = { ...TINY, ...TINY_SIMCLR, epochs: 1, pictures, threads: 1, monitorEvery: 0 };
  const onEpoch = async (_: unknown, snapshot: EncoderSnapshot) => {
    encoder = snapshot;
  };
  ({ run } = await pretrain({ ...options, onEpoch, out: join(folder, "run") }));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Labels that are independent of the pictures. A picture that voted on itself would be right too often. */
const labels = Int32Array.from({ length: 24 }, (_, i) => Math.floor(i / 8));
const mislabelled = { ...pictures, labels };

/**
 * Whether a picture's three nearest others by cosine give it its class. Each has one vote of exp(cosine /
 * 0.07).
 */
async function leaveOneOut(): Promise<number[]> {
  const out = join(folder, "features.npy");
  await embed({ run, pictures, out, threads: 1 });
  const { data, shape } = decodeNpy(await readFile(out));
  const [rows, cols] = shape as [number, number];
  const row = (at: number) => Array.from(data as Float32Array).slice(at * cols, (at + 1) * cols);
  return Array.from({ length: rows }, (_, query) => {
    const q = row(query);
    const others = Array.from({ length: rows }, (_, at) => {
      const g = row(at);
      const inner = q.reduce((sum, value, i) => sum + value * g[i]!, 0);
      return { at, cosine: inner / Math.hypot(...q) / Math.hypot(...g) };
    }).filter(({ at }) => at !== query);
    const votes = [0, 0, 0];
    for (const { at, cosine } of others.sort((a, b) => b.cosine - a.cosine).slice(0, 3))
      votes[labels[at]!]! += Math.exp(cosine / 0.07);
    return votes.indexOf(Math.max(...votes)) === labels[query] ? 1 : 0;
  });
}

describe("evaluate with few pictures", () => {
  it("tests every picture against all others in kNN, with the binomial standard error", async () => {
    const result = await evaluate({ run, data: mislabelled, protocols: ["knn"], k: 3, threads: 1 });
    const right = await leaveOneOut();
    const p = right.reduce((sum, one) => sum + one, 0) / 24;
    expect(p).toBeLessThan(0.9);
    expect(result.trained.knn!.accuracy).toBeCloseTo(p, 12);
    expect(result.trained.knn!.standardError).toBeCloseTo(Math.sqrt((p * (1 - p)) / 24), 12);
    expect(result.protocol).toMatchObject({
      division: "cross-validation",
      folds: 5,
      testShare: null,
      train: 23,
      test: 24,
      pictures: 24,
      voters: 3,
    });
    expect(result).toMatchObject({ data: "(in memory)", chance: { knn: { accuracy: 8 / 24 } }, notes: [] });
  }, 60_000);

  it("has a learning rate for each fold, and compares every score on the same pictures", async () => {
    const result = await evaluate({ run, data: pictures, threads: 1 });
    for (const column of ["pixels", "untrained", "trained"] as const) {
      const { linear, retrieval } = result[column];
      expect(linear!.learningRates.length).toBe(5);
      expect(linear!.standardError).toBeCloseTo(
        Math.sqrt((linear!.accuracy * (1 - linear!.accuracy)) / 24),
        12,
      );
      expect(Number.isInteger(Math.round(linear!.accuracy * 24 * 1e9) / 1e9)).toBe(true);
      expect(retrieval!.standardErrors.recallAt1).toBeCloseTo(
        Math.sqrt((retrieval!.recallAt1 * (1 - retrieval!.recallAt1)) / 24),
        12,
      );
    }
    const measures = ["knn", "linear", "recallAt1", "recallAt5", "meanAveragePrecision"];
    const pairs = result.comparisons.map(({ measure, with: other }) => `${measure} ${other}`);
    expect(pairs).toEqual(
      measures.flatMap((measure, at) =>
        ["pixels", "untrained", ...(at < 2 ? ["chance"] : [])].map((other) => `${measure} ${other}`),
      ),
    );
    const knn = result.comparisons[0]!;
    expect(knn.difference).toBeCloseTo(result.trained.knn!.accuracy - result.pixels.knn!.accuracy, 12);
  }, 120_000);

  it("holds a part out if a test share is given", async () => {
    const asked = { run, data: pictures, threads: 1, testShare: 0.25, protocols: ["knn", "linear"] as const };
    const result = await evaluate(asked);
    expect(result.protocol).toMatchObject({
      division: "held-out",
      folds: null,
      testShare: 0.25,
      train: 18,
      test: 6,
    });
    expect(result.trained.linear!.learningRates.length).toBe(1);
  }, 60_000);

  it("clusters all pictures into as many clusters as there are classes, or as are asked for", async () => {
    const out = join(folder, "clusters.npy");
    await embed({ run, pictures, out, threads: 1 });
    const { data, shape } = decodeNpy(await readFile(out));
    const features = { rows: shape[0]!, cols: shape[1]!, data: data as Float32Array };
    for (const [clusters, k] of [
      [undefined, 3],
      [5, 5],
    ] as const) {
      const asked = { run, data: mislabelled, protocols: ["clusters"] as const, threads: 1 };
      const result = await evaluate({ ...asked, ...(clusters !== undefined && { clusters }) });
      const settings = { metric: "cosine", seed: 0, restarts: CLUSTER_STARTS, threads: 1 } as const;
      const found = await kMeans({ features, k, ...settings });
      expect(result.trained.clusters).toEqual(clusterScores(labels, found.clusters));
      expect(result.protocol.clusters).toBe(k);
      expect(result.chance.clusters).toMatchObject({ adjustedMutualInformation: 0, adjustedRandIndex: 0 });
      for (const { clusters: scores } of [result.pixels, result.untrained, result.trained]) {
        expect(scores!.normalizedMutualInformation).toBeGreaterThanOrEqual(0);
        expect(scores!.accuracy).toBeGreaterThanOrEqual(1 / 3);
      }
      expect(result.comparisons).toEqual([]);
    }
    const tooMany = { run, data: mislabelled, protocols: ["clusters"] as const, clusters: 25, threads: 1 };
    await expect(evaluate(tooMany)).rejects.toThrow(/more clusters than pictures.*at most 24; got 25/);
    const without = await evaluate({ ...tooMany, protocols: ["retrieval"] });
    expect(without.protocol.clusters).toBeNull();
    expect(without.trained.clusters).toBeUndefined();
  }, 120_000);

  it("counts copies and reports them, also if all pictures are copies of one", async () => {
    const size = 3 * TINY.canvas ** 2;
    const canvases = new Uint8Array(24 * size);
    await pictures.readBatch([...Array(24).keys()], canvases);
    canvases.copyWithin(0, size, 2 * size); // picture 0 becomes picture 1
    const about = { canvas: TINY.canvas, labels: pictures.labels!, classNames: ["red", "green", "blue"] };
    const asked = { run, protocols: ["knn", "retrieval"] as const, threads: 1 };
    const one = await evaluate({ ...asked, data: memoryDataset({ ...about, pictures: canvases }) });
    expect(one.duplicates).toEqual({ pixels: 1, features: 1 });
    expect(one.notes).toEqual([expect.stringMatching(/^1 picture is a copy of another/)]);
    const blank = await evaluate({ ...asked, data: memoryDataset({ ...about, pictures: canvases.fill(9) }) });
    expect(blank.duplicates).toEqual({ pixels: 23, features: 23 });
    expect(blank.notes).toEqual([expect.stringMatching(/same features/)]);
    for (const column of ["pixels", "untrained", "trained"] as const) {
      const { recallAt1, meanAveragePrecision } = blank[column].retrieval!;
      expect(recallAt1).toBeCloseTo(blank.chance.retrieval!.recallAt1, 12);
      expect(meanAveragePrecision).toBeCloseTo(blank.chance.retrieval!.meanAveragePrecision, 12);
    }
    expect(blank.comparisons.filter(({ verdict }) => verdict === "better")).toEqual([]);
  }, 60_000);
});

describe("an encoder without a run", () => {
  it("has the scores of the run's encoder, and says that it is in memory", async () => {
    const asked = { data: mislabelled, protocols: ["knn"] as const, threads: 1 };
    const { run: _, ...expected } = await evaluate({ ...asked, run });
    const { run: name, ...result } = await evaluate({ ...asked, run: { ...encoder, seed: TINY.seed } });
    expect(name).toBe("(in memory)");
    expect(expected.protocol).toMatchObject({ step: 3, epochs: 1 });
    expect(result).toEqual({ ...expected, protocol: { ...expected.protocol, step: null, epochs: null } });
    const other = await evaluate({ ...asked, run: { ...encoder, seed: TINY.seed + 1 } });
    expect(other.trained).toEqual(expected.trained);
    expect(other.untrained.health).not.toEqual(expected.untrained.health);
  });

  it("gives the features of the run's encoder", async () => {
    const [one, other] = [join(folder, "run.npy"), join(folder, "memory.npy")];
    await embed({ run, pictures, out: one, threads: 1 });
    await embed({ run: encoder, pictures, out: other, threads: 1 });
    expect(await readFile(other)).toEqual(await readFile(one));
  });

  it("is refused if a part of it is missing", async () => {
    const { values: _, ...rest } = encoder;
    const wrong = { run: rest as EncoderSnapshot, data: pictures };
    await expect(evaluate(wrong)).rejects.toThrow(/evaluate\(\{ run \}\).*\{ backbone, values, imageSize \}/);
    const partial = { ...encoder, values: new Map([...encoder.values].slice(1)) };
    await expect(evaluate({ run: partial, data: pictures })).rejects.toThrow(/input \S+ is missing/);
  });
});

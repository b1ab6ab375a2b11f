import { describe, expect, it } from "vitest";
import { dot, rowsOf, total } from "../../test/support/rows.ts";
import { NeuralNgram } from "./neural-ngram.ts";
import { unigramNoise } from "./noise.ts";
import { scoreWindows } from "./score-windows.ts";
import { Vocabulary } from "./vocabulary.ts";
import { Windows } from "./windows.ts";
import { negativeSampling } from "./word-objectives.ts";

const [D, H] = [3, 4];
const vocabulary = new Vocabulary(["a", "b", "c"]);
const windows = new Windows(
  [
    ["a", "b", "a", "c"],
    ["b", "zebra"],
  ],
  vocabulary,
  3,
);

/** s(v, c) of all words: r_v · tanh(U·[e_1, e_2] + d) + b_v. */
function scoresOf(values: ReadonlyMap<string, Float32Array>, context: number[]): number[] {
  const embedding = rowsOf(values.get("embedding.weight")!, D);
  const x = context.flatMap((word) => embedding[word]!);
  const [u, d] = [rowsOf(values.get("hidden.weight")!, 2 * D), Array.from(values.get("hidden.bias")!)];
  const h = u.map((row, i) => Math.tanh(dot(row, x) + d[i]!));
  return rowsOf(values.get("output.weight")!, H + 1).map((row) => dot(row, [...h, 1]));
}

describe("scoreWindows", () => {
  it("is the network's formula and the softmax over all words, with and without what the scores lack", async () => {
    const objective = negativeSampling({ noise: unigramNoise(windows.counts), draws: 6 });
    const model = await NeuralNgram.create({
      windows,
      objective,
      width: D,
      hidden: H,
      batchSize: 4,
      learningRate: 0.1,
    });
    for (let i = 0; i < 5; i++) await model.epoch();
    const { contexts, targets } = windows.read(Int32Array.from({ length: windows.size }, (_, i) => i));
    for (const complete of [true, false]) {
      // Batches of 3 do not divide 8 windows.
      const got = await scoreWindows(model, windows, { complete, batchSize: 3 });
      const expected = Array.from(targets, (target, i) => {
        const bare = scoresOf(model.values, Array.from(contexts.subarray(2 * i, 2 * i + 2)));
        const scores = bare.map((s, word) => s + (complete ? objective.missing![word]! : 0));
        const logZ = Math.log(total(scores.map(Math.exp)));
        return { logP: scores[target]! - logZ, logZ };
      });
      for (const [i, { logP, logZ }] of expected.entries()) {
        expect(got.logProbabilities[i]).toBeCloseTo(logP, 5);
        expect(got.logNormalizers[i]).toBeCloseTo(logZ, 5);
      }
      const mean = total(expected.map(({ logP }) => logP)) / windows.size;
      expect(got.perplexity).toBeCloseTo(Math.exp(-mean), 4);
    }
    await model.release();
  });
});

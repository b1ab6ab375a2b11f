import { describe, expect, it } from "vitest";
import { relativeError } from "../../test/support/probe.ts";
import { rowsOf } from "../../test/support/rows.ts";
import { randomStream } from "../random/random-stream.ts";
import { NeuralNgram, type NeuralNgramOptions } from "./neural-ngram.ts";
import { logUniformNoise, unigramNoise } from "./noise.ts";
import { scoreWindows } from "./score-windows.ts";
import { Vocabulary } from "./vocabulary.ts";
import { Windows } from "./windows.ts";
import { fullSoftmax, inBatchInfoNce, nceOfWords, negativeSampling } from "./word-objectives.ts";

/** Sentences in which a word depends on the two before it, by chance: its entropy is known. */
const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h"];
const SURE = 0.9;

/** The word after two others: with the probability .9 one that they determine, else any of the eight. */
function sentencesOf(count: number, seed: number): string[][] {
  const random = randomStream(seed, "test", 0, 0);
  return Array.from({ length: count }, () => {
    const words = [random.integer(0, 8), random.integer(0, 8)];
    while (words.length < 18) {
      const [u, w] = words.slice(-2) as [number, number];
      const sure = u < 4 ? (3 * w + 1) % 8 : (5 * w + 2) % 8;
      words.push(random.chance(SURE) ? sure : random.integer(0, 8));
    }
    return words.map((word) => LETTERS[word]!);
  });
}

const vocabulary = new Vocabulary(LETTERS);
const training = new Windows(sentencesOf(400, 1), vocabulary, 3);
const test = new Windows(sentencesOf(100, 2), vocabulary, 3);
const { counts } = training;

const OBJECTIVES = {
  "full softmax": fullSoftmax(),
  NCE: nceOfWords({ noise: unigramNoise(counts), draws: 40 }),
  "NCE with log-uniform noise": nceOfWords({ noise: logUniformNoise(counts), draws: 40 }),
  "negative sampling": negativeSampling({ noise: unigramNoise(counts), draws: 40 }),
  "InfoNCE in the batch": inBatchInfoNce(unigramNoise(counts, 1)),
};
const SMALL = { windows: training, width: 12, hidden: 24, batchSize: 64, learningRate: 0.02, threads: 1 };

async function withModel<T>(
  options: Partial<NeuralNgramOptions>,
  use: (model: NeuralNgram) => Promise<T>,
): Promise<T> {
  const model = await NeuralNgram.create({ ...SMALL, objective: fullSoftmax(), ...options });
  try {
    return await use(model);
  } finally {
    await model.release();
  }
}

/** The perplexity of the smoothed unigram distribution of the training text. */
const unigram = (() => {
  const total = training.size + vocabulary.size;
  const { targets } = test.read(Int32Array.from({ length: test.size }, (_, i) => i));
  const sum = targets.reduce((all, word) => all + Math.log((counts[word]! + 1) / total), 0);
  return Math.exp(-sum / test.size);
})();

describe.each(Object.entries(OBJECTIVES))("a network that learns by %s", (name, objective) => {
  it("begins as the unigram model, learns which words follow, and is its own density where it should be", async () => {
    await withModel({ objective }, async (model) => {
      const first = await scoreWindows(model, test);
      expect(first.perplexity / unigram).toBeCloseTo(1, 4);
      expect(Math.max(...first.logNormalizers.map(Math.abs))).toBeLessThan(1e-4);
      for (let epoch = 0; epoch < 3; epoch++) await model.epoch();
      const { perplexity, logNormalizers } = await scoreWindows(model, test);
      // 16 of 19 words are drawn with an entropy of .59 nats, which alone is a perplexity of 1.8.
      expect(perplexity).toBeGreaterThan(1.8);
      expect(unigram).toBeGreaterThan(7);
      expect(perplexity).toBeLessThan(2.6);
      const logZ = logNormalizers.reduce((sum, each) => sum + each, 0) / test.size;
      // NCE holds Z at 1. The softmax of all words and of a batch leave it free.
      if (name.startsWith("NCE") || name.startsWith("negative")) expect(Math.abs(logZ)).toBeLessThan(0.2);
    });
  });
});

describe("negative sampling", () => {
  it("learns what NCE learns where every word has a bias, which then holds -log(K·q)", async () => {
    const values = async (objective: NeuralNgramOptions["objective"]) =>
      withModel({ objective }, async (model) => {
        await model.epoch();
        return model.values;
      });
    const [nce, sampled] = [await values(OBJECTIVES.NCE), await values(OBJECTIVES["negative sampling"])];
    for (const path of ["embedding.weight", "hidden.weight", "hidden.bias"])
      expect(relativeError(sampled.get(path)!, nce.get(path)!), path).toBeLessThan(1e-3);
    const { missing } = OBJECTIVES["negative sampling"];
    const [rows, expected] = [sampled, nce].map((each) => rowsOf(each.get("output.weight")!, 25));
    for (const [word, row] of rows!.entries())
      expect(row.at(-1)! + missing![word]!).toBeCloseTo(expected![word]!.at(-1)!, 3);
  });

  it("is no density: without log(K·q), its softmax predicts far worse", async () => {
    // Noise that is far from uniform: a is drawn for most of the noise.
    const skewed = unigramNoise([1, 1, 400, 1, 1, 1, 1, 1, 1, 1], 1);
    const objective = negativeSampling({ noise: skewed, draws: 40 });
    await withModel({ objective }, async (model) => {
      for (let epoch = 0; epoch < 2; epoch++) await model.epoch();
      const whole = await scoreWindows(model, test);
      const bare = await scoreWindows(model, test, { complete: false });
      expect(bare.perplexity).toBeGreaterThan(1.2 * whole.perplexity);
    });
  });
});

describe("a training", () => {
  it("gives the same values from the same seed, and others from another", async () => {
    const objective = OBJECTIVES.NCE;
    const run = (seed: number) =>
      withModel({ objective, seed }, async (model) => {
        const losses = [await model.epoch(), await model.epoch()].map(({ loss }) => loss);
        return { losses, embedding: model.values.get("embedding.weight") };
      });
    const [first, again, other] = [await run(0), await run(0), await run(1)];
    expect(again).toEqual(first);
    expect(other.losses).not.toEqual(first.losses);
    expect(first.losses[1]).toBeLessThan(first.losses[0]!);
  });

  it("changes only the rows of its own words", async () => {
    await withModel({ objective: OBJECTIVES["InfoNCE in the batch"], batchSize: 2 }, async (model) => {
      const before = new Map([...model.values].map(([path, data]) => [path, data.slice()]));
      await model.step({ contexts: Int32Array.of(2, 3, 3, 4), targets: Int32Array.of(5, 6) });
      const changed = (path: string, width: number) => {
        const [old, now] = [before.get(path)!, model.values.get(path)!];
        const rows = Array.from({ length: now.length / width }, (_, row) => row);
        return rows.filter((row) =>
          now.subarray(row * width, (row + 1) * width).some((v, i) => v !== old[row * width + i]),
        );
      };
      // With r = 0, no gradient reaches the embedded words in the first step.
      expect([changed("embedding.weight", 12), changed("output.weight", 25)]).toEqual([[], [5, 6]]);
      await model.step({ contexts: Int32Array.of(2, 3, 3, 4), targets: Int32Array.of(5, 6) });
      expect([changed("embedding.weight", 12), changed("output.weight", 25)]).toEqual([
        [2, 3, 4],
        [5, 6],
      ]);
      expect(model.steps).toBe(2);
    });
  });

  it("names what it keeps, whatever the objective", async () => {
    const paths = async (objective: NeuralNgramOptions["objective"]) =>
      withModel({ objective }, async ({ values }) =>
        [...values].map(([path, { length }]) => `${path} ${length}`).sort(),
      );
    const [all, some] = [await paths(fullSoftmax()), await paths(OBJECTIVES.NCE)];
    expect(some).toEqual(all);
    expect(all).toContain(`output.weight ${vocabulary.size * 25}`);
    expect(all).toContain(`optimizer.mean/embedding.weight ${(vocabulary.size + 1) * 12}`);
  });
});

describe("a mistake", () => {
  it.each(["width", "hidden", "batchSize"] as const)("a %s of 0 is refused", async (name) => {
    await expect(withModel({ [name]: 0 }, async () => {})).rejects.toThrow(
      `\`${name}\` is out of range; expected a whole number, 1 or more; got 0`,
    );
  });

  it("noise of another vocabulary is refused", async () => {
    const objective = nceOfWords({ noise: unigramNoise([1, 2, 3]), draws: 5 });
    await expect(withModel({ objective }, async () => {})).rejects.toThrow(
      "the noise is of another vocabulary than the text; expected 10 words; got 3. Make it from the counts",
    );
  });

  it("a loss that is no number any more is told with its step", async () => {
    await expect(
      withModel({ learningRate: 1e38 }, async (model) => {
        for (let epoch = 0; epoch < 3; epoch++) await model.epoch();
      }),
    ).rejects.toMatchObject({ code: "train/not-finite" });
  });
});

import { describe, expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, dot, rowsOf, total } from "../../test/support/rows.ts";
import { constant, type Tensor } from "../tensor/index.ts";
import { logUniformNoise, type Noise, unigramNoise } from "./noise.ts";
import {
  fullSoftmax,
  inBatchInfoNce,
  nceOfWords,
  negativeSampling,
  type WordObjective,
} from "./word-objectives.ts";

/** Contexts, words, width with the column of ones, noise words. */
const [B, V, W, K] = [5, 12, 4, 7];
const hidden = deterministic("word-objectives.hidden", B * W, 1.5);
const rows = deterministic("word-objectives.rows", V * W, 1.5);
const targets = [3, 0, 11, 3, 7];
const noiseWords = [0, 5, 3, 0, 9, 11, 0];
const counts = [40, 31, 22, 9, 8, 8, 5, 4, 3, 2, 1, 1];

const int = (values: readonly number[]) => constant(values, [values.length], "int32");

/** The loss with all V rows, and its gradients. */
function evaluate(objective: WordObjective, h: ArrayLike<number> = hidden, r: ArrayLike<number> = rows) {
  const q = objective.noise?.logProbabilities ?? new Float64Array(V);
  const of = (words: readonly number[]) =>
    constant(
      words.map((word) => q[word]!),
      [words.length],
    );
  return evaluateLoss({ h: leaf(h, B, W), r: leaf(r, V, W) }, (tensors: Record<"h" | "r", Tensor>) => ({
    loss: objective.loss({
      hidden: tensors.h,
      rows: tensors.r,
      targets: int(targets),
      noise: int(noiseWords),
      targetLogQ: of(targets),
      noiseLogQ: of(noiseWords),
    }),
  }));
}

type Formula = (scores: (row: number, word: number) => number) => number;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const each = (of: (row: number, target: number) => number) =>
  average(targets.map((target, b) => of(b, target)));

/** Gutmann and Hyvärinen's logistic regression of the target and the noise by p / (p + K·q), p = exp(s). */
function nceFormula(noise: Noise): Formula {
  const kq = (word: number) => K * Math.exp(noise.logProbabilities[word]!);
  return (s) =>
    each((b, target) => {
      const isData = (word: number) => Math.exp(s(b, word)) / (Math.exp(s(b, word)) + kq(word));
      return -Math.log(isData(target)) - total(noiseWords.map((word) => Math.log(1 - isData(word))));
    });
}

const power = unigramNoise(counts);
const zipf = logUniformNoise(counts);
const unigram = unigramNoise(counts, 1);
const all = Array.from({ length: V }, (_, word) => word);

const CASES: readonly (readonly [string, WordObjective, Formula])[] = [
  [
    "the full softmax",
    fullSoftmax(),
    (s) => each((b, target) => Math.log(total(all.map((word) => Math.exp(s(b, word))))) - s(b, target)),
  ],
  ["NCE with unigram^0.75", nceOfWords({ noise: power, draws: K }), nceFormula(power)],
  ["NCE with log-uniform noise", nceOfWords({ noise: zipf, draws: K }), nceFormula(zipf)],
  [
    "negative sampling",
    negativeSampling({ noise: power, draws: K }),
    (s) =>
      each(
        (b, target) =>
          -Math.log(sigmoid(s(b, target))) - total(noiseWords.map((word) => Math.log(sigmoid(-s(b, word))))),
      ),
  ],
  [
    "InfoNCE in the batch",
    inBatchInfoNce(unigram),
    (s) =>
      each((b, target) => {
        const share = (word: number) => Math.exp(s(b, word)) / Math.exp(unigram.logProbabilities[word]!);
        return Math.log(total(targets.map(share))) - Math.log(share(target));
      }),
  ],
];

describe.each(CASES)("%s", (_, objective, formula) => {
  const ofScores = (h: ArrayLike<number>, r: ArrayLike<number>) => {
    const [contexts, words] = [rowsOf(h, W), rowsOf(r, W)];
    return formula((row, word) => dot(contexts[row]!, words[word]!));
  };

  it("is its formula, in value and both gradients", async () => {
    const got = await evaluate(objective);
    expect(relativeError(got.loss, [ofScores(hidden, rows)])).toBeLessThan(1e-5);
    expect(
      relativeError(
        got["grad/h"],
        finiteDifferences((h) => ofScores(h, rows), hidden),
      ),
    ).toBeLessThan(1e-4);
    expect(
      relativeError(
        got["grad/r"],
        finiteDifferences((r) => ofScores(hidden, r), rows),
      ),
    ).toBeLessThan(1e-4);
  });
});

it.each([0, -3, 0.5])("%f noise words are refused", (draws) => {
  for (const objective of [nceOfWords, negativeSampling])
    expect(() => objective({ noise: power, draws })).toThrow(
      `\`draws\` is out of range; expected a whole number, 1 or more; got ${draws}`,
    );
});

describe("NCE's gradient as its noise grows", () => {
  /*
   * Scores of V words in C contexts, which are log-probabilities: Z is 1, as NCE holds it. The noise is
   * spread as its distribution says, without chance: word w is drawn exactly K·q(w) times, so the gradient is
   * the expected one.
   */
  const [C, words] = [3, 20];
  const logits = deterministic("word-objectives.logits", C * words, 2);
  const scores = rowsOf(logits, words).flatMap((row) => {
    const logZ = Math.log(total(row.map(Math.exp)));
    return row.map((each) => each - logZ);
  });
  const noise = unigramNoise(new Array(words).fill(1));
  /** Contexts are 0 … C - 1, each with a few words after it. */
  const data = Array.from({ length: 24 }, (_, i) => ({ context: i % C, word: (i * i) % words }));

  async function gradient(objective: WordObjective, draws: number): Promise<number[]> {
    const spread = Array.from({ length: Math.max(draws, 1) }, (_, i) => i % words);
    const logQ = constant([-Math.log(words)], [1]);
    // A context's hidden layer is its one-hot vector, so that scores are the table's columns.
    const oneHot = data.flatMap(({ context }) => [0, 1, 2].map((c) => (c === context ? 1 : 0)));
    // [V, C]
    const table = Array.from({ length: words * C }, (_, i) => scores[(i % C) * words + Math.floor(i / C)]!);
    const got = await evaluateLoss({ table: leaf(table, words, C) }, (tensors) => ({
      loss: objective.loss({
        hidden: constant(oneHot, [data.length, C]),
        rows: tensors.table,
        targets: int(data.map(({ word }) => word)),
        noise: int(spread),
        targetLogQ: logQ,
        noiseLogQ: constant(new Array(spread.length).fill(-Math.log(words)), [spread.length]),
      }),
    }));
    return got["grad/table"];
  }

  it("turns into that of maximum likelihood: below 5 degrees at K = 10·V", async () => {
    const likelihood = await gradient(fullSoftmax(), 0);
    const angles: number[] = [];
    for (const draws of [words, 10 * words, 100 * words])
      angles.push(angle(await gradient(nceOfWords({ noise, draws }), draws), likelihood));
    expect(angles[1]).toBeLessThan(5);
    expect(angles[0]).toBeGreaterThan(2 * angles[1]!);
    expect(angles[2]).toBeLessThan(0.5 * angles[1]!);
    const sampled = await gradient(negativeSampling({ noise, draws: 10 * words }), 10 * words);
    expect(angle(sampled, likelihood)).toBeGreaterThan(20);
  });
});

/** In degrees. */
function angle(a: readonly number[], b: readonly number[]): number {
  return (Math.acos(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) * 180) / Math.PI;
}

import { describe, expect, it } from "vitest";
import { gradients, topologicalOrder } from "../tensor/index.ts";
import { firstOutput, ngramStep } from "./ngram-step.ts";
import { unigramNoise } from "./noise.ts";
import {
  fullSoftmax,
  inBatchInfoNce,
  nceOfWords,
  negativeSampling,
  type WordObjective,
} from "./word-objectives.ts";

const SIZES = { order: 3, width: 4, hidden: 5, batchSize: 8 };

/** The sizes of all tensors in the graph of the loss and of its gradients, in their order. */
function sizesOf(words: number, objective: WordObjective): number[] {
  const output = firstOutput(new Float64Array(words).fill(1), { objective, hidden: SIZES.hidden });
  const { variables, loss } = ngramStep({ ...SIZES, vocabulary: { size: words }, objective }, output);
  const grads = gradients(
    loss,
    variables.parameters.map(({ value }) => value),
  );
  return topologicalOrder([loss, ...grads]).flatMap(({ outputs }) => outputs.map(({ size }) => size));
}

describe("a step", () => {
  const noise = (words: number, power?: number) => unigramNoise(new Float64Array(words).fill(1), power);

  it.each([
    ["NCE", (words: number) => nceOfWords({ noise: noise(words), draws: 6 })],
    ["negative sampling", (words: number) => negativeSampling({ noise: noise(words), draws: 6 })],
    ["InfoNCE in the batch", (words: number) => inBatchInfoNce(noise(words, 1))],
  ])("of %s has the same tensors for 100 and for 100,000 words, gradients included", (_, objective) => {
    const few = sizesOf(100, objective(100));
    expect(sizesOf(100_000, objective(100_000))).toEqual(few);
    expect(Math.max(...few)).toBeLessThan(400);
  });

  it("of the full softmax has a gradient for every row", () => {
    expect(Math.max(...sizesOf(1000, fullSoftmax()))).toBe(8 * 1000);
    expect(sizesOf(1000, fullSoftmax()).filter((size) => size === 1000 * 6).length).toBeGreaterThan(1);
  });
});

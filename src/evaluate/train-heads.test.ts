import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { randomStream } from "../random/random-stream.ts";
import { type HeadLoss, type HeadsOptions, trainHeads } from "./train-heads.ts";

const [ROWS, WIDTH, CLASSES] = [23, 4, 3];
const options: HeadsOptions = {
  features: { rows: ROWS, cols: WIDTH, data: deterministic("features", ROWS * WIDTH) },
  labels: Int32Array.from({ length: ROWS }, (_, i) => (i * 5) % CLASSES),
  classes: CLASSES,
  learningRates: [0.5],
  epochs: 3,
  batchSize: 6,
  weightDecay: 0.01,
  seed: 7,
  threads: 1,
};

/** The derivative of each loss by the logits of one row. */
const SLOPES: Readonly<
  Record<HeadLoss, (logits: number[], labels: ArrayLike<number>, row: number) => number[]>
> = {
  softmax(logits, labels, row) {
    const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
    return logits.map((z, c) => Math.exp(z) / total - (labels[row] === c ? 1 : 0));
  },
  sigmoid: (logits, labels, row) => logits.map((z, c) => 1 / (1 + Math.exp(-z)) - labels[row * CLASSES + c]!),
  squared: (logits, labels, row) => logits.map((z, c) => z - labels[row * CLASSES + c]!),
};

/** Regression by SGD with momentum 0.9 along a cosine, one row and one class at a time. */
function plainSgd(options: HeadsOptions, rate: number) {
  const { features, labels, epochs, batchSize, weightDecay, seed, loss = "softmax" } = options;
  const weight = new Float64Array(CLASSES * WIDTH);
  const bias = new Float64Array(CLASSES);
  const velocity = { weight: new Float64Array(CLASSES * WIDTH), bias: new Float64Array(CLASSES) };
  const steps = epochs * Math.ceil(ROWS / batchSize);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = Array.from(randomStream(seed, "linear-probe/order", epoch, 0).permutation(ROWS));
    for (let first = 0; first < ROWS; first += batchSize, step++) {
      const batch = order.slice(first, first + batchSize);
      const gradient = { weight: weight.map((w) => w * weightDecay), bias: new Float64Array(CLASSES) };
      for (const row of batch) {
        const x = features.data.subarray(row * WIDTH, (row + 1) * WIDTH);
        const logits = Array.from(bias, (b, c) =>
          x.reduce((sum, v, d) => sum + v * weight[c * WIDTH + d]!, b),
        );
        const slopes = SLOPES[loss](logits, labels, row);
        for (let c = 0; c < CLASSES; c++) {
          const slope = slopes[c]! / batch.length;
          gradient.bias[c]! += slope;
          for (let d = 0; d < WIDTH; d++) gradient.weight[c * WIDTH + d]! += slope * x[d]!;
        }
      }
      const now = (rate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
      for (const [values, name] of [
        [weight, "weight"],
        [bias, "bias"],
      ] as const) {
        for (let i = 0; i < values.length; i++) {
          velocity[name][i] = 0.9 * velocity[name][i]! + gradient[name][i]!;
          values[i]! -= now * velocity[name][i]!;
        }
      }
    }
  }
  return { weight, bias };
}

describe("trainHeads", () => {
  test("takes the steps of SGD written as loops, short batches and all", async () => {
    const { weight, bias } = await trainHeads(options);
    const plain = plainSgd(options, 0.5);
    expect(relativeError(weight, plain.weight)).toBeLessThan(1e-5);
    expect(relativeError(bias, plain.bias)).toBeLessThan(1e-5);
  });

  test.each(["sigmoid", "squared"] as const)(
    "takes the steps of the %s loss of a row of labels",
    async (loss) => {
      const random = deterministic("labels", ROWS * CLASSES);
      const labels = loss === "sigmoid" ? random.map((x) => (x > 0 ? 1 : 0)) : random;
      const own = { ...options, labels, loss };
      const { weight, bias } = await trainHeads({ ...own, learningRates: [0.01, 0.2] });
      for (const [i, rate] of [0.01, 0.2].entries()) {
        const plain = plainSgd(own, rate);
        const part = (values: Float32Array, size: number) => values.subarray(i * size, (i + 1) * size);
        expect(relativeError(part(weight, CLASSES * WIDTH), plain.weight)).toBeLessThan(1e-5);
        expect(relativeError(part(bias, CLASSES), plain.bias)).toBeLessThan(1e-5);
      }
    },
  );

  test("trains heads side by side as if each were alone, whatever becomes of the others", async () => {
    const rates = [0.01, 1e30, 0.5];
    const together = await trainHeads({ ...options, learningRates: rates });
    expect(together.count).toBe(3);
    for (const [i, rate] of [0.01, null, 0.5].entries()) {
      if (rate === null) continue;
      const own = together.weight.subarray(i * CLASSES * WIDTH, (i + 1) * CLASSES * WIDTH);
      expect(relativeError(own, plainSgd(options, rate).weight)).toBeLessThan(1e-5);
    }
  });
});

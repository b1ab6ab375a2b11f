import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, input } from "../tensor/index.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

const [B, K] = [4, 5];
const LABELS = [4, 0, 2, 2];
const WEIGHTS = [0.5, 2, 1.5, 1, 3];
const logits = deterministic("cross.logits", B * K, 3);
const drawn = deterministic("cross.targets", B * K).map((value) => value + 1.1);
const SOFT = drawn.map((value, at) => {
  const row = drawn.subarray(at - (at % K), at - (at % K) + K);
  return value / row.reduce((a, b) => a + b);
});

function logProbability(z: readonly number[], b: number, k: number): number {
  const row = z.slice(b * K, (b + 1) * K);
  return row[k]! - Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
}

/** `cross_entropy_loss_label_smoothing` of ATen's LossNLL.cpp: two losses with one denominator. */
function ofLabels(
  z: readonly number[],
  { smoothing = 0, classWeights = [1, 1, 1, 1, 1] }: CrossEntropyOptions,
) {
  let [nll, smooth, weight] = [0, 0, 0];
  for (const [b, label] of LABELS.entries()) {
    nll -= classWeights[label]! * logProbability(z, b, label);
    weight += classWeights[label]!;
    for (let k = 0; k < K; k++) smooth -= classWeights[k]! * logProbability(z, b, k);
  }
  return ((1 - smoothing) * nll) / weight + ((smoothing / K) * smooth) / weight;
}

/** `cross_entropy_loss_prob_target` of the same file: a mean over rows, whatever the weights. */
function ofSoft(
  z: readonly number[],
  { smoothing = 0, classWeights = [1, 1, 1, 1, 1] }: CrossEntropyOptions,
) {
  let total = 0;
  for (let at = 0; at < B * K; at++) {
    const target = SOFT[at]! * (1 - smoothing) + smoothing / K;
    total -= target * classWeights[at % K]! * logProbability(z, Math.floor(at / K), at % K);
  }
  return total / B;
}

const OPTIONS: CrossEntropyOptions[] = [
  {},
  { smoothing: 0.1 },
  { classWeights: WEIGHTS },
  { smoothing: 0.3, classWeights: WEIGHTS },
];
const evaluate = (targets: "int32" | "int64" | "soft", options: CrossEntropyOptions, z = logits) =>
  evaluateLoss({ z: leaf(z, B, K) }, ({ z: x }) => ({
    loss: crossEntropy(
      x,
      targets === "soft" ? constant(SOFT, [B, K]) : constant(LABELS, [B], targets),
      options,
    ),
  }));

describe.each(OPTIONS)("crossEntropy with %o", (options) => {
  test.each(["int32", "int64", "soft"] as const)(
    "is PyTorch's, in value and gradient, for %s targets",
    async (kind) => {
      const plain = (z: readonly number[]) => (kind === "soft" ? ofSoft(z, options) : ofLabels(z, options));
      const got = await evaluate(kind, options);
      expect(relativeError(got.loss, [plain([...logits])])).toBeLessThan(1e-5);
      expect(relativeError(got["grad/z"], finiteDifferences(plain, logits))).toBeLessThan(1e-5);
    },
  );
});

test("crossEntropy is softmaxCrossEntropy for labels without options", async () => {
  const [x, labels] = [input("x", [B, K]), constant(LABELS, [B], "int32")];
  const program = compile({ a: crossEntropy(x, labels), b: softmaxCrossEntropy(x, labels) });
  const { a, b } = await runOnce(program, { x: logits });
  expect(relativeError(a as Float32Array, b as Float32Array)).toBeLessThan(1e-6);
});

test("crossEntropy is ln K for equal logits, and does not change when all weights are doubled", async () => {
  const flat = new Float32Array(B * K).fill(2);
  expect((await evaluate("int32", { smoothing: 0.2 }, flat)).loss[0]).toBeCloseTo(Math.log(K), 6);
  const [once, twice] = [WEIGHTS, WEIGHTS.map((weight) => 2 * weight)];
  const [a, b] = [
    await evaluate("int32", { classWeights: once }),
    await evaluate("int32", { classWeights: twice }),
  ];
  expect(relativeError(a.loss, b.loss)).toBeLessThan(1e-6);
});

test("crossEntropy refuses what does not fit", () => {
  const x = input("x", [B, K]);
  const labels = input("l", [B], "int32");
  expect(() => crossEntropy(x, input("l", [3], "int32"))).toThrow("labels [B] or targets [B, K]");
  expect(() => crossEntropy(x, input("l", [B]))).toThrow("labels [B] or targets [B, K]");
  expect(() => crossEntropy(x, labels, { smoothing: 1 })).toThrow("below 1; got 1");
  expect(() => crossEntropy(x, labels, { classWeights: [1, 2] })).toThrow("5 numbers");
  expect(() => crossEntropy(x, labels, { classWeights: [1, 1, 0, 1, 1] })).toThrow("the weight of class 2");
});

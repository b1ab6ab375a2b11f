import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average, crossEntropyOf, rowsOf, softmaxOf, total } from "../../test/support/rows.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, constant, gather, input, reshape, type Tensor } from "../tensor/index.ts";
import { maskedCrossEntropy, maskWeights } from "./masked-cross-entropy.ts";

const [n, N, K] = [3, 4, 5];
const TEMPERATURE = 0.2;
const MASK = [1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0];
const MASKED = MASK.flatMap((value, i) => (value === 1 ? [i] : []));
const logits = deterministic("mce.logits", n * N * K);
const targets = Float32Array.from(
  rowsOf(deterministic("mce.targets", n * N * K), K).flatMap((row) => softmaxOf(row, 0.1)),
);

/** The mean over pictures of the mean over masked patches, 0 for a picture without one. */
function formula(z: ArrayLike<number>): number {
  const [rows, wanted] = [rowsOf(z, K), rowsOf(targets, K)];
  const pictures = rowsOf(MASK, N).map((mask, b) => {
    const terms = mask.map(
      (hidden, i) => hidden * crossEntropyOf(wanted[b * N + i]!, rows[b * N + i]!, TEMPERATURE),
    );
    return total(terms) / Math.max(total(mask), 1);
  });
  return average(pictures);
}

const allPatches = (x: Tensor) => x;
const maskedPatches = (x: Tensor) =>
  gather(reshape(x, [n * N, ...x.shape.slice(2)]), constant(MASKED, [MASKED.length], "int64"));

function evaluate(z = logits, pick = allPatches, mask = MASK) {
  const leaves = { z: { data: z, shape: [n, N, K] }, t: { data: targets, shape: [n, N, K] } };
  return evaluateLoss(leaves, (x) => ({
    loss: maskedCrossEntropy({
      student: pick(x.z),
      targets: pick(x.t),
      weights: pick(maskWeights(constant(mask, [n, N]))),
      temperature: TEMPERATURE,
    }),
  }));
}

describe("maskedCrossEntropy", () => {
  test.each([
    { title: "all patches", pick: allPatches },
    { title: "the masked patches picked", pick: maskedPatches },
  ])("is the formula, in value and gradient, of $title", async ({ pick }) => {
    const got = await evaluate(logits, pick);
    expect(relativeError(got.loss!, [formula(logits)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/z"]!, finiteDifferences(formula, logits))).toBeLessThan(1e-4);
    expect(got["grad/t"]!.every((value) => value === 0)).toBe(true);
  });

  test("does not change with what the student says of patches that are not masked", async () => {
    const { loss } = await evaluate();
    const others = logits.map((value, i) => (MASK[Math.floor(i / K)] === 1 ? value : 3 * value + i));
    expect((await evaluate(others)).loss![0]).toBeCloseTo(loss![0]!, 6);
  });

  test("is ln K for equal logits where every picture has a masked patch, less where some have none", async () => {
    const flat = new Float32Array(n * N * K).fill(1);
    const everywhere = MASK.map((value, i) => (i % N === 3 ? 1 : value));
    expect((await evaluate(flat, allPatches, everywhere)).loss![0]).toBeCloseTo(Math.log(K), 5);
    expect((await evaluate(flat)).loss![0]).toBeCloseTo((2 / 3) * Math.log(K), 5);
    expect(
      (
        await evaluate(
          flat,
          allPatches,
          MASK.map(() => 0),
        )
      ).loss![0],
    ).toBeCloseTo(0, 6);
  });

  test("has nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await evaluate()).toEqual(await evaluate());
  });

  test("refuses targets and weights that do not fit", () => {
    const [x, weights] = [input("x", [n, N, K]), input("w", [n, N])];
    const refused = /logits \[…, K\], targets \[…, K\] and weights \[…\]/;
    const wrong = { student: x, temperature: 1 };
    expect(() => maskedCrossEntropy({ ...wrong, targets: input("t", [n, N, K + 1]), weights })).toThrow(
      refused,
    );
    expect(() => maskedCrossEntropy({ ...wrong, targets: x, weights: input("w", [n * N]) })).toThrow(refused);
  });
});

describe("maskWeights", () => {
  test.each(["float32", "bool"] as const)(
    "shares 1/n between the masked patches of a picture: %s",
    async (dtype) => {
      const weights = maskWeights(constant(MASK, [n, N], dtype));
      const got = (await runOnce(compile({ weights }), {})).weights as Float32Array;
      const expected = [1 / 9, 0, 1 / 9, 1 / 9, 0, 0, 0, 0, 0, 1 / 3, 0, 0];
      expect(relativeError(got, expected)).toBeLessThan(1e-6);
    },
  );

  test("refuses anything but a matrix", () => {
    expect(() => maskWeights(input("m", [2, 3, 4]))).toThrow(/a mask \[n, N\]/);
  });
});

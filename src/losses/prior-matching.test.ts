import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { evaluateLoss, leaf } from "../../test/support/evaluate-loss.ts";
import { finiteDifferences } from "../../test/support/finite-differences.ts";
import { relativeError } from "../../test/support/probe.ts";
import { average } from "../../test/support/rows.ts";
import { priorDiscriminatorLoss, priorEncoderLoss } from "./prior-matching.ts";

const prior = deterministic("prior.p", 6, 3);
const representations = deterministic("prior.r", 6, 3);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Equation 7, which the discriminator maximises, with the opposite sign. */
function equation7(p: ArrayLike<number>, r: ArrayLike<number>): number {
  const right = average(Array.from(p, (x) => Math.log(sigmoid(x))));
  return -right - average(Array.from(r, (x) => Math.log(1 - sigmoid(x))));
}

const nonSaturating = (r: ArrayLike<number>) => -average(Array.from(r, (x) => Math.log(sigmoid(x))));

function discriminator(p: ArrayLike<number> = prior, r: ArrayLike<number> = representations) {
  return evaluateLoss({ p: leaf(p, 6, 1), r: leaf(r, 6, 1) }, (tensors) => ({
    loss: priorDiscriminatorLoss(tensors.p, tensors.r),
  }));
}

function encoder(r: ArrayLike<number> = representations) {
  return evaluateLoss({ r: leaf(r, 6, 1) }, (tensors) => ({ loss: priorEncoderLoss(tensors.r) }));
}

describe("prior matching", () => {
  test("the discriminator's loss is equation 7, in value and gradients", async () => {
    const got = await discriminator();
    const byP = (p: readonly number[]) => equation7(p, representations);
    const byR = (r: readonly number[]) => equation7(prior, r);
    expect(relativeError(got.loss, [equation7(prior, representations)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/p"], finiteDifferences(byP, prior))).toBeLessThan(1e-4);
    expect(relativeError(got["grad/r"], finiteDifferences(byR, representations))).toBeLessThan(1e-4);
  });

  test("the encoder's loss is the form that does not saturate, in value and gradient", async () => {
    const got = await encoder();
    expect(relativeError(got.loss, [nonSaturating(representations)])).toBeLessThan(1e-5);
    expect(relativeError(got["grad/r"], finiteDifferences(nonSaturating, representations))).toBeLessThan(
      1e-4,
    );
  });

  test("are 2·ln 2 and ln 2 for a discriminator that is not certain of anything", async () => {
    const zeros = new Float32Array(6);
    expect((await discriminator(zeros, zeros)).loss[0]).toBeCloseTo(2 * Math.LN2, 6);
    expect((await encoder(zeros)).loss[0]).toBeCloseTo(Math.LN2, 6);
  });

  test("do not change with the order of the samples; prior and representations may change places with their signs", async () => {
    const { loss } = await discriminator();
    const negative = (values: Float32Array) => values.map((x) => -x);
    expect((await discriminator(prior.toReversed())).loss[0]).toBeCloseTo(loss[0]!, 6);
    expect((await discriminator(negative(representations), negative(prior))).loss[0]).toBeCloseTo(
      loss[0]!,
      6,
    );
    expect((await encoder(representations.toReversed())).loss[0]).toBeCloseTo((await encoder()).loss[0]!, 6);
  });

  test("have gradients even where the discriminator is certain, for the encoder the largest there", async () => {
    const got = await encoder(new Float32Array(6).fill(-200));
    expect(got.loss[0]).toBeCloseTo(200, 4);
    for (const value of got["grad/r"]) expect(value).toBeCloseTo(-1 / 6, 6);
  });

  test("have nothing hidden: a second evaluation gives the same bits", async () => {
    expect(await discriminator()).toEqual(await discriminator());
    expect(await encoder()).toEqual(await encoder());
  });
});

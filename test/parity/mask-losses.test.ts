/** Losses of masks against PyTorch (scripts/make_mask_losses.py): values and gradients. */
import { expect, test } from "vitest";
import { diceLoss, focalLoss, pixelCrossEntropy } from "../../src/losses/index.ts";
import { constant, sizeOf } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { evaluateLoss, leaf } from "../support/evaluate-loss.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const fixture = readFixture("mask-losses");
const shape = fixture.setting<number[]>("shape");
const labels = constant(fixture.numbers("labels"), fixture.shape("labels"), "int32");
const LOSSES = { cross: pixelCrossEntropy, focal: focalLoss, dice: diceLoss };

test.each(Object.entries(fixture.setting<Record<string, object>>("cases")))(
  "%s of masks is PyTorch's, in value and gradient, with %o",
  async (name, options) => {
    const loss = LOSSES[name.split("_")[0] as keyof typeof LOSSES];
    const leaves = { logits: leaf(deterministic(`${name}.logits`, sizeOf(shape), 3), ...shape) };
    const got = await evaluateLoss(leaves, ({ logits }) => ({ loss: loss(logits, labels, options) }));
    for (const entry of ["loss", "grad/logits"] as const)
      expect(relativeError(got[entry], fixture.floats(`${name}/${entry}`)), entry).toBeLessThan(1e-5);
  },
);

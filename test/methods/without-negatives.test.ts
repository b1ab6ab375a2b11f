import { expect, it } from "vitest";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

/** As in scripts/make_method_without_negatives.py. */
function constant(learningRate: number): NonNullable<Choices["training"]> {
  return { learningRate, finalLearningRate: learningRate };
}

/** Without batch norm over few values, rounding is not magnified, so steps agree to more digits. */
const GROUPED: Choices = { backboneOptions: { ...NARROW_RESNET.backboneOptions, norm: "group" } };
const BYOL: Choices = {
  method: "byol",
  settings: { targetMomentum: 0.5, headWidth: 48, projectionOut: 24 },
  training: constant(3e-4),
};
const SIMSIAM: Choices = {
  ...GROUPED,
  method: "simsiam",
  settings: { projectionOut: 48, bottleneck: 12 },
  // The rate falls to a tenth after the first of 50 steps; the predictor's rate stays.
  training: { ...constant(3e-3), decay: "steps", milestones: [0.02] },
};
const WIDTHS = { projectionWidth: 48, projectionOut: 24 };
const BARLOW_TWINS: Choices = {
  ...GROUPED,
  method: "barlow-twins",
  settings: { ...WIDTHS, biasRate: 0.5 },
  training: constant(3e-5),
};

const CASES: [string, Choices][] = [
  ["byol", BYOL],
  ["byol-group", { ...BYOL, ...GROUPED }],
  ["simsiam", SIMSIAM],
  ["simsiam-without-stop", { ...SIMSIAM, settings: { ...SIMSIAM.settings, stopGradient: false } }],
  ["barlow-twins", BARLOW_TWINS],
  ["vicreg", { ...GROUPED, method: "vicreg", settings: WIDTHS, training: constant(3e-4) }],
];

it.each(CASES)("takes PyTorch's steps: %s", async (theme, choices) => {
  const steps = await methodSteps(theme, { ...NARROW_RESNET, ...choices });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(0.01);
});

/**
 * Fine-tuning against PyTorch with timm's groups of parameters, mixing and average (scripts/
 * make_method_fine_tuning.py): losses, parameters, statistics and averages after each of three steps.
 */
import { describe, expect, it } from "vitest";
import type { FineTuningSettings } from "../../src/methods/recipes/fine-tuning.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { methodSteps, NARROW_RESNET, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

/** A weight decay that three steps show. */
const ADAMW: NonNullable<Choices["training"]> = {
  optimizer: "adamw",
  weightDecay: 0.3,
  finalWeightDecay: 0.3,
};

const CASES: [string, Choices, Partial<FineTuningSettings>][] = [
  [
    "fine-tuning",
    NARROW_RESNET,
    {
      ...{ task: "classes", outputs: 5, layerDecay: 0.8, average: 0.99, smoothing: 0.1 },
      ...{ classWeights: [0.5, 1, 1.5, 2, 1], mixup: 0.8, cutmix: 1 },
    },
  ],
  [
    "fine-tuning-frozen",
    NARROW_RESNET,
    {
      ...{ task: "classes", outputs: 4, layerDecay: 0.7, average: 0.15, smoothing: 0 },
      ...{ freeze: 3, keptHead: { layers: 1, width: 40, norm: true } },
    },
  ],
  [
    "fine-tuning-several",
    TINY_VIT,
    {
      ...{ task: "several", outputs: 4, layerDecay: 0.75, average: 0.99, smoothing: 0.1 },
      ...{ classWeights: [2, 0.5, 1, 4], mixup: 0.8, cutmix: 1 },
    },
  ],
  [
    "fine-tuning-numbers",
    TINY_VIT,
    {
      ...{ task: "numbers", outputs: 2, layerDecay: 0.6, average: 0.99 },
      ...{ freeze: 1, backboneRate: 0.5, headLayers: 2, headWidth: 20 },
    },
  ],
];

/** The reference leaves these out, because the biases of keys have no gradient. */
const LEFT_OUT = /^(?:teacher\.)?backbone\.blocks\.\d\.attn\.qkv\.bias$/;

describe.each(CASES)("%s", (theme, network, settings) => {
  it("takes PyTorch's steps", async () => {
    const steps = await methodSteps(theme, { method: "fine-tuning", ...network, settings, training: ADAMW });
    expect(steps.unmatched.filter((path) => !LEFT_OUT.test(path))).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
    for (const path of ["backbone", "teacher.backbone"])
      expect(
        [...steps.values.keys()].filter((name) => name.startsWith(`${path}.`) && name.endsWith(", step 1")),
      ).not.toEqual([]);
  });
});

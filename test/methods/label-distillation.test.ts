/**
 * Distillation of labels against PyTorch (scripts/make_method_label_distillation.py): losses, parameters,
 * statistics, averages and the teacher's values after each of three steps.
 */
import { describe, expect, it } from "vitest";
import { createBackbone } from "../../src/backbones/index.ts";
import type { LabelDistillationSettings, TeacherSettings } from "../../src/methods/label-distillation.ts";
import type { Choices } from "../../src/runs/configure/configure.ts";
import { methodSteps, NARROW_RESNET, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

const ADAMW: NonNullable<Choices["training"]> = { optimizer: "adamw" };

function vitOf(imageSize: number): Pick<TeacherSettings, "imageSize" | "backbone"> {
  const { name, settings } = createBackbone("vit_tiny", { imageSize, ...TINY_VIT.backboneOptions });
  return { imageSize, backbone: { name, settings: { ...settings, width: 24, depth: 2, heads: 3 } } };
}

function resnetOf(imageSize: number): Pick<TeacherSettings, "imageSize" | "backbone"> {
  const { name, settings } = createBackbone("resnet18", { imageSize, ...NARROW_RESNET.backboneOptions });
  return { imageSize, backbone: { name, settings: { ...settings } } };
}

const PLAIN = { run: "", step: 0, weights: "", source: null, keptHead: null, headLayers: 1, headWidth: null };

const CASES: [string, Choices, Partial<LabelDistillationSettings>][] = [
  [
    "label-distillation",
    NARROW_RESNET,
    {
      ...{ task: "classes", outputs: 5, labelWeight: 0.3, temperature: 2 },
      teacher: { ...PLAIN, ...vitOf(24) },
    },
  ],
  [
    "label-distillation-several",
    TINY_VIT,
    {
      ...{ task: "several", outputs: 4, labelWeight: 0.25, temperature: 0.5 },
      teacher: { ...PLAIN, ...resnetOf(16), keptHead: { layers: 1, width: 40, norm: true } },
    },
  ],
  [
    "label-distillation-numbers",
    { ...TINY_VIT, imageSize: 24, canvas: 24 },
    {
      ...{ task: "numbers", outputs: 2, labelWeight: 0.5, average: 0.15 },
      teacher: { ...PLAIN, ...vitOf(16) },
    },
  ],
];

/** The reference leaves these out, because the biases of keys have no gradient. */
const LEFT_OUT = /^(?:(?:teacher|given)\.)?backbone\.blocks\.\d\.attn\.qkv\.bias$/;

describe.each(CASES)("%s", (theme, network, settings) => {
  it("takes PyTorch's steps, and leaves the teacher as it is", async () => {
    const choices = { method: "label-distillation", ...network, settings, training: ADAMW };
    const steps = await methodSteps(theme, choices);
    expect(steps.unmatched.filter((path) => !LEFT_OUT.test(path))).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
    for (const path of ["backbone", "teacher.backbone", "given.backbone"])
      expect(
        [...steps.values.keys()].filter((name) => name.startsWith(`${path}.`) && name.endsWith(", step 1")),
      ).not.toEqual([]);
  });
});

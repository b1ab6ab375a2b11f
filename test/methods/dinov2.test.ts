import { expect, it } from "vitest";
import { methodSteps, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

it.each([
  ["one head", "dinov2", false],
  ["two heads", "dinov2-two-heads", true],
])("takes PyTorch's steps of DINOv2's recipe: %s", async (_title, theme, separateHead) => {
  const steps = await methodSteps(theme, {
    method: "dinov2",
    settings: {
      ...{ outputs: 40, headWidth: 32, bottleneck: 16, localCrops: 2, localSize: 8, separateHead },
      ...{
        teacherTemperatureWarmup: 0,
        teacherTemperature: 0.05,
        teacherMomentum: 0.9,
        freezeLastLayerEpochs: 0,
      },
    },
    ...TINY_VIT,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(3e-3);
});

import { expect, it } from "vitest";
import { methodSteps, TINY_VIT, worst, worstMove } from "../support/method-steps.ts";

it("takes PyTorch's steps of iBOT, with hidden patches and two centres", async () => {
  const steps = await methodSteps("ibot", {
    method: "ibot",
    settings: {
      ...{ outputs: 40, headWidth: 32, bottleneck: 16, localCrops: 2, localSize: 8 },
      ...{ teacherTemperatureWarmup: 0, teacherTemperature: 0.05, patchTemperature: 0.06 },
      ...{ teacherMomentum: 0.9, freezeLastLayerEpochs: 0 },
    },
    training: { clip: 1 },
    ...TINY_VIT,
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
  expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(3e-3);
});

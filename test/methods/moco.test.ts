import { describe, expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

const CHOICES = {
  ...NARROW_RESNET,
  settings: { queue: 20, projectionOut: 16, keyMomentum: 0.5, subBatches: 2 },
  training: { decay: "cosine" as const },
};

describe.each(["moco-v1", "moco-v2"])("%s", (method) => {
  it("takes PyTorch's steps, with its queue, its key encoder and shuffled parts", async () => {
    const steps = await methodSteps(method, { method, ...CHOICES });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(5e-3);
  });
});

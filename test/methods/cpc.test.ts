import { describe, expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst } from "../support/method-steps.ts";

const SETTINGS = { grid: 4, patch: 8, nearest: 1, farthest: 3, targetWidth: 16, temperature: 2 };

describe.each([
  { context: "rows", contextLayers: 2 },
  { context: "gru", contextLayers: 1 },
])("CPC with the context network $context", (own) => {
  it("takes the steps that PyTorch takes, from noisy patches to predictions of the rows below", async () => {
    const steps = await methodSteps(`cpc-${own.context}`, {
      method: "cpc",
      backbone: "resnet18",
      backboneOptions: { ...NARROW_RESNET.backboneOptions, norm: "batch" },
      settings: { ...SETTINGS, ...own, contextWidth: 20 },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-3);
  });
});

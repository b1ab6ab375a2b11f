import { describe, expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst } from "../support/method-steps.ts";

describe.each(["jsd", "nce", "dv"])("Deep InfoMax by %s", (bound) => {
  it("takes the steps that PyTorch takes, encoder and discriminator each by its own loss", async () => {
    const steps = await methodSteps(`dim-${bound}`, {
      method: "dim",
      ...NARROW_RESNET,
      settings: {
        ...{ bound, globalWeight: 0.5, localWeight: 1, priorWeight: 0.3 },
        ...{ outputs: 8, units: 24, discriminator: [12, 10] },
      },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-3);
  });
});

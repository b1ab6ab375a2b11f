import { describe, expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

describe.each([
  ["with queues that count once they are full", "swav-queue", { queue: 12, freezePrototypesEpochs: 0 }],
  ["with prototypes that are frozen at first", "swav-frozen", { queue: 0, freezePrototypesEpochs: 1 }],
])("SwAV %s", (_title, theme, own) => {
  it("takes PyTorch's steps", async () => {
    const steps = await methodSteps(theme, {
      method: "swav",
      ...NARROW_RESNET,
      settings: {
        ...{ prototypes: 20, queueStart: 0, headWidth: 32, projectionOut: 16, localCrops: 2, localSize: 8 },
        ...own,
      },
      training: { decayAll: true },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    // Frozen prototypes move only by rounding.
    if (own.freezePrototypesEpochs > 0) steps.moves.delete("prototypes.weight");
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(3e-3);
  });
});

import { describe, expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";

describe.each([
  ["instdisc", "the whole bank and the proximal term", { negatives: 0, proximal: 3 }],
  ["instdisc-nce", "NCE and its constant", { negatives: 12 }],
])("%s", (theme, what, settings) => {
  it(`takes PyTorch's steps, with ${what}`, async () => {
    const steps = await methodSteps(theme, {
      method: "instdisc",
      ...NARROW_RESNET,
      settings: { projectionOut: 16, ...settings },
      training: { decay: "cosine" },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
  });
});

import { expect, it } from "vitest";
import { methodSteps, NARROW_RESNET, worst } from "../support/method-steps.ts";

it("takes the steps of SimCLR that PyTorch takes", async () => {
  const steps = await methodSteps("simclr", {
    method: "simclr",
    ...NARROW_RESNET,
    settings: { projectionOut: 16, temperature: 0.2 },
  });
  expect(steps.unmatched).toEqual([]);
  expect(worst(steps)).toSatisfy(({ error }: { error: number }) => error < 1e-3);
});

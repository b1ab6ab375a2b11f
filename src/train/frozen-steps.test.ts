import { expect, it } from "vitest";
import { frozenSteps } from "./frozen-steps.ts";

const gates = [
  { prefix: "head.", gate: "head" },
  { prefix: "backbone.patch_embed", gate: "patches" },
];
const from = (opening: number) => (step: number) => (step < opening ? 0 : 1);

it("counts the steps until the last gate opens", () => {
  expect(frozenSteps({ gates }, { head: from(3), patches: from(7) }, 20)).toBe(7);
  expect(frozenSteps({ gates: [] }, {}, 20)).toBe(0);
});

it("leaves out what stands still for all of the run", () => {
  expect(frozenSteps({ gates }, { head: from(3), patches: () => 0 }, 20)).toBe(3);
});

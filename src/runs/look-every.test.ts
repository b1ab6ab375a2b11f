import { expect, it } from "vitest";
import { lookEvery } from "./look-every.ts";

it.each([
  // epochs, steps of each, epochs between measurements
  [40, 1, 1],
  [41, 100, 1],
  [80, 100, 2],
  [800, 100, 20],
  [100, 4, 5],
])("of %s epochs of %s steps are measured every %s", (epochs, stepsPerEpoch, every) => {
  expect(lookEvery({ epochs, stepsPerEpoch }, {})).toEqual({ monitorEvery: every, checkpointEvery: every });
});

it("follows what is asked, with a checkpoint in every epoch where nothing is measured", () => {
  const plan = { epochs: 800, stepsPerEpoch: 100 };
  expect(lookEvery(plan, { monitorEvery: 3 })).toEqual({ monitorEvery: 3, checkpointEvery: 3 });
  expect(lookEvery(plan, { monitorEvery: 0 })).toEqual({ monitorEvery: 0, checkpointEvery: 1 });
  expect(lookEvery(plan, { checkpointEvery: 7 })).toEqual({ monitorEvery: 20, checkpointEvery: 7 });
});

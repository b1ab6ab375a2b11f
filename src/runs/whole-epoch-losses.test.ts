import { expect, it } from "vitest";
import { wholeEpochLosses } from "./whole-epoch-losses.ts";

const epochs = [
  { step: 10, loss: 3 },
  { step: 14, loss: 9 }, // a run that ended here, and went on with another part of the same epoch
  { step: 20, loss: 2 },
  { step: 23, loss: 7 },
];

it("leaves out epochs that are not whole, wherever they are", () => {
  expect(wholeEpochLosses(epochs, 10)).toEqual([3, 2]);
});

it("gives the loss of a run that has no whole epoch", () => {
  expect(wholeEpochLosses([{ step: 4, loss: 5 }], 10)).toEqual([5]);
});

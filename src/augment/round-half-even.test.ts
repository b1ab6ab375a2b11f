import { expect, test } from "vitest";
import { roundHalfEven } from "./round-half-even.ts";

test("halves go to the even neighbour, as in Python, and everything else to the nearest", () => {
  expect([0.5, 1.5, 2.5, 3.5, -0.5, -1.5].map(roundHalfEven)).toEqual([0, 2, 2, 4, 0, -2]);
  expect([0.49, 0.51, 2.4999, 2.5001, 7, -1.2].map(roundHalfEven)).toEqual([0, 1, 2, 3, 7, -1]);
});

import { expect, it } from "vitest";
import { jigsaw } from "./jigsaw.ts";
import type { Situation } from "./method.ts";

function patchOf(imageSize: number, multipleOf: number): number {
  const situation: Situation = {
    ...{ pictures: 1000, imageSize, multipleOf, batchSize: 8, epochs: 10 },
    ...{ family: multipleOf === 1 ? "resnet" : "vit", batchNorm: multipleOf === 1, features: 64 },
  };
  return jigsaw.defaults(situation).patchSize;
}

it("leaves a gap beside three quarters of a cell, also in whole patches of a transformer", () => {
  expect([24, 32, 96, 255].map((size) => patchOf(size, 1))).toEqual([6, 8, 24, 64]);
  expect([24, 32, 48].map((size) => patchOf(size, 4))).toEqual([4, 8, 12]); // cells of 8, 10 and 16
});

import { expect, it } from "vitest";
import type { Situation } from "../objectives/situation.ts";
import { jigsaw } from "./jigsaw.ts";
import type { JigsawSettings } from "./recipes/jigsaw.ts";

function defaultsAt(imageSize: number, multipleOf: number): JigsawSettings {
  const situation: Situation = {
    ...{ pictures: 1000, imageSize, multipleOf, batchSize: 8, epochs: 10 },
    ...{ family: multipleOf === 1 ? "resnet" : "vit", batchNorm: multipleOf === 1, features: 64 },
  };
  return jigsaw.defaults(situation);
}

const patchOf = (imageSize: number, multipleOf: number) => defaultsAt(imageSize, multipleOf).patchSize;

it("takes three quarters of a cell and leaves a gap, also in whole patches of a transformer", () => {
  expect([24, 32, 96, 255].map((size) => patchOf(size, 1))).toEqual([6, 8, 24, 64]);
  expect([24, 32, 48].map((size) => patchOf(size, 4))).toEqual([4, 8, 12]); // cells of 8, 10 and 16
});

it("assembles patches of fewer than 32 pixels", () => {
  const found = [24, 64, 96, 125, 126, 224].map((size) => defaultsAt(size, 1));
  expect(found.map(({ patchSize }) => patchSize)).toEqual([6, 16, 24, 31, 32, 56]);
  expect(found.map(({ assemble }) => assemble)).toEqual([true, true, true, true, false, false]);
});

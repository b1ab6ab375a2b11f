import { expect, it } from "vitest";
import type { Situation } from "../objectives/situation.ts";
import { cmc } from "./cmc.ts";

const situation: Situation = {
  ...{ pictures: 1000, imageSize: 32, batchSize: 8, epochs: 10 },
  ...{ family: "resnet", multipleOf: 1, batchNorm: true, features: 512 },
};

it.each([
  [["ab", "ba"], false],
  [["lab", "abl"], false],
  [["l", "ab", "ba"], false],
  [["ab", "bl"], true],
  [["ba", "l"], true],
])(
  "takes the channels of a view in any order, and refuses two views of the same channels: %j",
  (split, is) => {
    const settings = { ...cmc.defaults(situation), split };
    expect(cmc.settings.safeParse(settings).success).toBe(is);
  },
);

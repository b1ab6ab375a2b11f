import { expect, it } from "vitest";
import type { Situation } from "../../objectives/situation.ts";
import { findMethod } from "../index.ts";
import { AUTHORS_FROM } from "./short-runs.ts";

function globalScaleOf(method: string, imageSize: number): unknown {
  const situation: Situation = {
    ...{ pictures: 1000, imageSize, batchSize: 100, epochs: AUTHORS_FROM / 10 },
    ...{ family: "vit", multipleOf: 4, batchNorm: false, features: 192 },
  };
  return (findMethod(method).defaults(situation) as { globalScale?: unknown }).globalScale;
}

it.each([
  ["dino", 0.4],
  ["ibot", 0.25],
  ["dinov2", 0.32],
])("widens the range of %s's global crops if there are no local ones", (method, authors) => {
  expect(globalScaleOf(method, 224)).toEqual([authors, 1]);
  expect(globalScaleOf(method, 32)).toEqual([0.14, 1]);
});

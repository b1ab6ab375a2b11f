/** A situation of everyday size, for showing defaults that depend on it. */
import type { Situation } from "../methods/method.ts";

export const EXAMPLE_SITUATION: Situation = {
  pictures: 10_000,
  imageSize: 64,
  batchSize: 128,
  epochs: 100,
  family: "resnet",
};

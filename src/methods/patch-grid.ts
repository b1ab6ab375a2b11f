import type { Situation } from "./method.ts";

/** Patches in a row of a training view, for methods that learn with vision transformers. */
export function gridSide({ imageSize, multipleOf }: Pick<Situation, "imageSize" | "multipleOf">): number {
  return Math.floor(imageSize / multipleOf);
}

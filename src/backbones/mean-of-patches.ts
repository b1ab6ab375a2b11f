import { mean } from "../tensor/index.ts";
import type { Backbone } from "./backbone.ts";

/** A vision transformer whose feature is the mean of its patches' tokens instead of the class token. */
export function meanOfPatches(backbone: Backbone): Backbone {
  return {
    ...backbone,
    build(scope, pictures, tokens) {
      const output = backbone.build(scope, pictures, tokens);
      return { ...output, features: mean(output.patches!, [1]) };
    },
  };
}

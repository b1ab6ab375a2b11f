import type { Backbone } from "../backbones/backbone.ts";
import { restoreBackbone } from "../backbones/index.ts";
import { methodOfRun } from "./method-of-run.ts";

/** The method and the backbone of a run, as its configuration keeps them. */
export interface KeptChoice {
  method: { name: string; settings: object };
  backbone: { name: string; settings: Backbone["settings"] };
}

/**
 * The encoder that a run trains: its backbone, or the encoder that its method makes of it (several backbones,
 * or one over patches).
 */
export function encoderOf({ method, backbone }: KeptChoice): Backbone {
  const restored = restoreBackbone(backbone.name, backbone.settings);
  return methodOfRun(method.name).encoderOf?.(restored, method.settings) ?? restored;
}

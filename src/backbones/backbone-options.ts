/** The options of all backbones, for code that takes options before a backbone is chosen. */
import { schemaOf } from "../options/schema-of.ts";
import { type ResNetOptions, resnetOptions } from "./resnet-settings.ts";
import { type VitOptions, vitOptions } from "./vit-settings.ts";

/** Options of a backbone except the size of the pictures. Each backbone refuses those of others. */
export interface FreeBackboneOptions extends ResNetOptions, VitOptions {}

/** Options of a backbone; defaults depend on the size of the pictures. */
export interface BackboneOptions extends FreeBackboneOptions {
  /** Height and width of the pictures it will see, in pixels. */
  imageSize: number;
}

export const backboneOptions = schemaOf<FreeBackboneOptions>()({
  ...resnetOptions.shape,
  ...vitOptions.shape,
});

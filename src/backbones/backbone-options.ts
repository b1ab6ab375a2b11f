/** The options of all backbones, for code that takes options before a backbone is chosen. */
import { schemaOf } from "../options/schema-of.ts";
import { type ResNetOptions, resnetOptions } from "./resnet-settings.ts";
import { type VitOptions, vitOptions } from "./vit-settings.ts";

type Both = ResNetOptions & VitOptions;

/**
 * Options of a backbone except the size of the pictures. Each backbone refuses those of others. (A mapped
 * type, not an interface, so that it is a record too.)
 */
export type FreeBackboneOptions = { [K in keyof Both]: Both[K] };

/** Options of any backbone: one of your own may have others, which are held against its schema. */
export type AnyBackboneOptions = FreeBackboneOptions & Readonly<Record<string, unknown>>;

/** Options of a backbone; defaults depend on the size of the pictures. */
export type BackboneOptions = AnyBackboneOptions & {
  /** Height and width of the pictures it will see, in pixels. */
  readonly imageSize: number;
};

export const backboneOptions = schemaOf<FreeBackboneOptions>()({
  ...resnetOptions.shape,
  ...vitOptions.shape,
});

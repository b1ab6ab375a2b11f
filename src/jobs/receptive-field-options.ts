/** The options of measuring receptive fields. */
import * as z from "zod";
import { needed, option } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import type { Pictures } from "./given-pictures.ts";
import { isPictures, text, threads } from "./option-kinds.ts";

export interface ReceptiveFieldOptions {
  /** The name of a backbone, a run folder, the folder of an imported encoder, or an `.onnx` file. */
  target: string;
  /** Height and width of the pictures. Default: as in the run; 224 for a backbone. */
  imageSize?: number;
  /** The path of a layer, such as `layer3` or `layer3.1`, to see the layers in it. */
  layer?: string;
  /**
   * Whether to measure the effective field too: where in pictures the middle place of the last map with
   * places, or of `layer`, has its gradient. Not for ONNX models.
   */
  effective?: boolean;
  /** Pictures for the effective field, of which 16 are used; by default 4 of noise. */
  pictures?: Pictures;
  /** The `.png` file to draw the effective field in. */
  out?: string;
  /** Seed of the noise, and of the weights of a backbone. Default 0. */
  seed?: number;
  /** Default: the physical cores. */
  threads?: number;
}

/** In the order of the help. */
export const receptiveFieldOptions = schemaOf<ReceptiveFieldOptions>()({
  target: needed(text(), {
    description: "name of a backbone, run folder, folder of an imported encoder, or ONNX model",
    placeholder: "backbone|run|model.onnx",
    shown: "word",
  }),
  imageSize: option(z.int().min(1), {
    description: "height and width of the pictures, in pixels",
    fallback: "as in the run; 224 for a backbone",
  }),
  layer: option(text(), {
    description: "layer to look into, such as layer3 or layer3.1",
    fallback: "the whole network",
    placeholder: "path",
  }),
  effective: option(z.boolean(), {
    description: "measure by gradients what moves the middle of the last map, or of the layer",
    fallback: "no",
  }),
  pictures: option(z.custom<Pictures>(isPictures), {
    description: "pictures in which the effective field is measured, of which 16 are used",
    fallback: "4 of noise",
    placeholder: "pictures",
    expected: "the path of pictures, or an open data set",
  }),
  out: option(text(), {
    description: "file to draw the effective field in, a name that ends in .png",
    placeholder: "file",
  }),
  seed: option(z.int().min(0), {
    description: "seed of the noise, and of an untrained network",
    fallback: "0",
  }),
  threads: threads(),
});

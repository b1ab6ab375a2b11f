/** The settings of SimCLR v2: SimCLR's, with one layer more in the head. */
import * as z from "zod";
import type { Recipe } from "./recipe.ts";
import { simclrRecipe, simclrSettings } from "./simclr.ts";

export const simclrV2Settings = simclrSettings
  .extend({
    fineTuneLayer: z
      .int()
      .min(0)
      .describe("layers of the head to keep for fine-tuning; 0 keeps only the encoder"),
  })
  .refine((s) => s.fineTuneLayer < s.projectionLayers, {
    path: ["fineTuneLayer"],
    message: "must be less than projectionLayers",
  });
export type SimclrV2Settings = z.infer<typeof simclrV2Settings>;

/**
 * SimCLR's recipe for runs of every length, with v2's head, which is the default of google-research/simclr
 * `run.py`. The score of short runs belongs to an earlier recipe, with views as large as the pictures
 * (`viewScale` 1).
 *
 *     command  npm run quality -- --methods simclr-v2 --sets emoji
 *     machine  AMD EPYC and Intel Xeon, 2 cores
 *     time     4 minutes of training, 20 epochs
 *     score    kNN 57.4 ± 1.0 %, linear probe 55.8 ± 1.6 %
 */
export const simclrV2Recipe: Recipe<SimclrV2Settings> = {
  defaults: (situation) => ({ ...simclrRecipe.defaults(situation), projectionLayers: 3, fineTuneLayer: 1 }),
  training: simclrRecipe.training,
};

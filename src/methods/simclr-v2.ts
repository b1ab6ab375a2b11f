/**
 * SimCLR v2 (Chen, Kornblith, Swersky, Norouzi, Hinton 2020, arXiv 2006.10029): SimCLR with a deeper head, of which a
 * middle layer is kept for fine-tuning. Settings are those of google-research/simclr, whose `run.py` has v2's head by default.
 */
import { z } from "zod";
import type { Method } from "./method.ts";
import { simclr, simclrSettings } from "./simclr.ts";

const settings = simclrSettings
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
export type SimclrV2Settings = z.infer<typeof settings>;

export const simclrV2: Method<SimclrV2Settings> = {
  ...simclr,
  name: "simclr-v2",
  title: "SimCLR v2",
  paper: {
    title: "Big Self-Supervised Models are Strong Semi-Supervised Learners",
    authors: "Chen, Kornblith, Swersky, Norouzi, Hinton",
    year: 2020,
    arxiv: "2006.10029",
  },
  idea: "SimCLR with a head of three layers; fine-tuning starts from its first one",
  settings,
  defaults: (situation) => ({ ...simclr.defaults(situation), projectionLayers: 3, fineTuneLayer: 1 }),
};

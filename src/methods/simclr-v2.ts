/**
 * SimCLR v2 (Chen, Kornblith, Swersky, Norouzi, Hinton 2020, arXiv 2006.10029): SimCLR with a deeper head. A
 * middle layer of the head is kept for fine-tuning.
 */
import type { CatalogueMethod } from "../objectives/method.ts";
import { type SimclrV2Settings, simclrV2Recipe, simclrV2Settings } from "./recipes/simclr-v2.ts";
import { simclr } from "./simclr.ts";

export const simclrV2: CatalogueMethod<SimclrV2Settings> = {
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
  settings: simclrV2Settings,
  ...simclrV2Recipe,
  keptLayers: ({ fineTuneLayer }) => fineTuneLayer,
};

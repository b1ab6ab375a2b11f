import type { Backbone } from "../backbones/index.ts";
import type { Evidence, Family } from "./families.ts";
import type { OurTensor } from "./renamed-tensors.ts";

/** What a network's settings are found from. */
export interface NetworkRequest {
  where: string;
  tensors: ReadonlyMap<string, OurTensor>;
  family: Family;
  evidence: Evidence;
  /** Attention heads, if the user gives them. */
  heads?: number;
}

export interface FittedNetwork {
  /** The tensors, changed where the source keeps them differently. */
  tensors: ReadonlyMap<string, OurTensor>;
  backbone: Backbone;
  /** In words: "ViT-S/14 with registers". */
  network: string;
  /** What pictures it was made for, in words; absent where any size will do. */
  sees?: string;
  /** Height and width, in pixels, of the pictures that it was made for. */
  imageSize: number;
}

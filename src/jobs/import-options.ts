/** The options of importing weights. */
import * as z from "zod";
import { MOST_PIXELS } from "../data/picture-dataset.ts";
import { needed, option } from "../options/option-facts.ts";
import { schemaOf } from "../options/schema-of.ts";
import { FAMILY_NAMES, type FamilyName } from "../weights/family-names.ts";
import { text } from "./option-kinds.ts";

export interface ImportOptions {
  /** A folder of Hugging Face or timm, or a file: safetensors, or what `torch.save` writes. */
  weights: string;
  /** The folder of the encoder. */
  out: string;
  /** Whose weights they are, if the guess is wrong. */
  as?: FamilyName;
  /**
   * The part of a checkpoint with several networks, such as `student`. Default: the one that its authors
   * evaluate.
   */
  part?: string;
  /** Attention heads of a vision transformer, where neither a configuration nor the width tells them. */
  heads?: number;
  /**
   * Height and width of the pictures that the encoder sees, in pixels. Default: as its authors evaluate it.
   */
  imageSize?: number;
}

/** In the order of the help. */
export const importOptions = schemaOf<ImportOptions>()({
  weights: needed(text(), {
    description: "folder of Hugging Face or timm; or a .safetensors, .pth, .pt or .bin file",
    placeholder: "folder|file",
    shown: "word",
  }),
  out: needed(text(), { description: "folder of the encoder, which is made", placeholder: "folder" }),
  as: option(z.enum(FAMILY_NAMES), {
    description: "whose weights they are",
    fallback: "by the names of the tensors",
    placeholder: "family",
  }),
  part: option(text(), {
    description: "part of a checkpoint with several networks",
    fallback: "the one that its authors evaluate",
    placeholder: "name",
  }),
  heads: option(z.int().min(1), {
    description: "ViT: attention heads",
    fallback: "by the configuration, or 64 features each",
  }),
  imageSize: option(z.int().min(1).max(MOST_PIXELS), {
    description: "size of the pictures that the encoder sees, in pixels",
    fallback: "as its authors evaluate it",
  }),
});

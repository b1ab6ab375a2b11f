/** Learning rates that fall from the last layer of a backbone to its first, for fine-tuning. */
import { AfterimageError } from "../errors.ts";
import type { Backbone } from "./backbone.ts";

type Layered = Pick<Backbone, "name" | "layers" | "finalNorm">;

/**
 * The layer of a parameter: 0 for the first, such as the patch embedding, to n for the last. The norm after
 * the last layer belongs to it.
 *
 * @param path within the backbone, without a prefix: `blocks.3.attn.qkv.weight`.
 */
export function layerOf({ layers = [], finalNorm }: Layered, path: string): number {
  const isIn = (prefix: string) => path.startsWith(`${prefix}.`);
  const counted = layers.filter((prefix) => prefix !== finalNorm);
  if (finalNorm !== undefined && isIn(finalNorm)) return counted.length;
  return 1 + counted.findIndex(isIn);
}

/**
 * The factor of a parameter's learning rate: decay^(n + 1 - layer) with n layers after the first (the blocks)
 * and the layer of {@link layerOf}. The head, which is no part of the backbone, has 1. Of 12 blocks the last
 * has the factor `decay`, and the patch embedding decay^13.
 *
 * As timm's `param_groups_layer_decay` with the groups of its `VisionTransformer` and `ResNet`, which follow
 * BEiT, arXiv 2106.08254. (MAE's `lr_decay.py` differs in the norm after the last block, which has 1.)
 *
 * @param decay above 0, 1 or less; 0.65 to 0.75 are usual for vision transformers.
 * @returns a function of a parameter's path within the backbone, without a prefix.
 * @throws AfterimageError `usage/value` for another decay, or a backbone that does not name its layers.
 */
export function layerRates(backbone: Layered, decay: number): (path: string) => number {
  if (!(decay > 0 && decay <= 1)) {
    throw new AfterimageError("usage/value", {
      what: "the decay of learning rates by layer is out of range",
      expected: "a number above 0, 1 or less",
      got: String(decay),
    });
  }
  if (backbone.layers === undefined) {
    throw new AfterimageError("usage/value", {
      what: "learning rates cannot fall by layer: this backbone does not name its layers",
      expected: "a backbone with a list of layers",
      got: backbone.name,
    });
  }
  const last = backbone.layers.filter((prefix) => prefix !== backbone.finalNorm).length;
  return (path) => decay ** (last + 1 - layerOf(backbone, path));
}

/** The interface of backbones: a name, a width, and a function from pictures to features. */
import type { Scope } from "../nn/scope.ts";
import type { Tensor } from "../tensor/index.ts";

/** More channels than fit into any machine's memory: the limit for settings read from a file. */
export const MOST_CHANNELS = 16_384;

export interface BackboneOutput {
  /** One vector a picture, `[B, D]`. */
  features: Tensor;
  /** The last feature map, `[B, C, H, W]` (convolutional). */
  map?: Tensor;
  /** The map behind the first layers, before pooling, `[B, C, H, W]` (convolutional). */
  stem?: Tensor;
  /** The maps after each stage, the largest first; the last is `map` (convolutional). */
  stages?: readonly Tensor[];
  /** All tokens after the last norm, class token first if there is one, `[B, T, D]` (transformer). */
  tokens?: Tensor;
  /** The tokens of the patches, row by row or in the order of `visible`, `[B, n, D]` (transformer). */
  patches?: Tensor;
  /** Attention of the last block, `[B, H, T, T]` (transformer). */
  attention?: Tensor;
}

/**
 * The patches of a picture that a transformer sees; other backbones see the whole picture. N patches, row by
 * row.
 */
export interface TokenOptions {
  /** Positions of the patches to encode, int32 `[B, n]`; all others are left out. */
  visible?: Tensor;
  /** A learned token `[1, 1, D]` replaces the patches where `where`, float32 `[B, N]`, is 1. */
  masked?: { where: Tensor; token: Tensor };
}

/** What methods choose their defaults by. Any other name than these is treated as a convolutional network. */
export type Family = "resnet" | "vit" | (string & {});

export interface Backbone {
  /**
   * Its name in a run: the name of its entry in the table, or that name, `_` and a suffix
   * (`vit_tiny_patch4`).
   */
  readonly name: string;
  /** The family, on which the defaults of methods depend. */
  readonly family: Family;
  /** Size D of the feature vector. */
  readonly features: number;
  /**
   * Height and width of every view must be a multiple of this, in pixels: the patch of a vision transformer,
   * which drops pixels that fill no patch; 1 if there is no such limit. `build` does not check this; whoever
   * chooses view sizes must, for local and global crops. Methods do so in their defaults, and the job for all
   * other sizes.
   */
  readonly multipleOf: number;
  /** Whether it has batch norm, which makes the pictures of a batch depend on each other in training. */
  readonly batchNorm: boolean;
  /**
   * The layers after the first by the prefixes of their parameters (`blocks.0`, …, `norm`; `layer1.0`, …,
   * `layer4.1`), from shallow to deep. All other parameters belong to the first. Methods may give each layer
   * its own learning rate. Absent if there are none.
   */
  readonly layers?: readonly string[];
  /** The one of `layers` that is the norm after the last block; `layerRates` counts it to that block. */
  readonly finalNorm?: string;
  /** Everything needed to build it again, as plain JSON; its entry in the table of backbones reads them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Pictures `[B, 3, H, W]`, normalised, to features. A second call with the same scope shares the weights,
   * and may have another size of pictures.
   *
   * @param tokens which patches are seen, for transformers.
   * @throws AfterimageError `tensor/shape` for pictures or settings that do not fit.
   */
  build(scope: Scope, pictures: Tensor, tokens?: TokenOptions): BackboneOutput;
}

/** What every backbone is: a name, a width, and a function from pictures to features. */
import type { Scope } from "../nn/scope.ts";
import type { Tensor } from "../tensor/index.ts";

/** More than any machine has memory for: what is read from a file is held against it before anything is made of it. */
export const MOST_CHANNELS = 16_384;

export interface BackboneOutput {
  /** One vector a picture, `[B, D]`. */
  features: Tensor;
  /** The last feature map, `[B, C, H, W]` (convolutional). */
  map?: Tensor;
  /** The maps after each stage, the largest first; the last is `map` (convolutional). */
  stages?: readonly Tensor[];
  /** All tokens after the last norm, class token first if there is one, `[B, T, D]` (transformer). */
  tokens?: Tensor;
  /** Those of the patches, row by row or in the order they were asked for, `[B, n, D]` (transformer). */
  patches?: Tensor;
  /** Attention of the last block, `[B, H, T, T]` (transformer). */
  attention?: Tensor;
}

/** Which patches a transformer sees of a picture; other backbones see all of it. N patches, row by row. */
export interface TokenOptions {
  /** Places of the patches that are encoded, all others being left out: int32 `[B, n]`. */
  visible?: Tensor;
  /** Patches in whose place a learned token `[1, 1, D]` stands: float32 `[B, N]`, 1 for those. */
  masked?: { where: Tensor; token: Tensor };
}

export interface Backbone {
  /** What a run keeps it by: the name of its entry in the table, or that and `_` and more (`vit_tiny_patch4`). */
  readonly name: string;
  /** What methods may go by in their defaults. */
  readonly family: "resnet" | "vit";
  /** Size D of the feature vector. */
  readonly features: number;
  /**
   * Pixels that height and width of every view must be a multiple of for the whole of it to be seen: the patch of a
   * vision transformer, which drops what fills no patch; 1 where there is no such limit. `build` does not check it. Who
   * chooses sizes of views does, of local crops as of global ones: methods by their defaults, the job for all others.
   */
  readonly multipleOf: number;
  /** Whether it has batch norm, so that the pictures of a batch depend on each other while training. */
  readonly batchNorm: boolean;
  /** Everything needed to build it again, as plain JSON; its entry in the table of backbones reads them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Pictures `[B, 3, H, W]`, normalised, to features. Called again with the same scope it shares the weights, and sizes
   * may differ from call to call.
   *
   * @param tokens which patches are seen, for transformers.
   * @throws AfterimageError `tensor/shape` for pictures or settings that do not fit.
   */
  build(scope: Scope, pictures: Tensor, tokens?: TokenOptions): BackboneOutput;
}

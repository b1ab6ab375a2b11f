/** What every backbone is: a name, a width, and a function from pictures to features. */
import type { Scope } from "../nn/scope.ts";
import type { Tensor } from "../tensor/index.ts";

export interface BackboneOutput {
  /** One vector a picture, `[B, D]`. */
  features: Tensor;
  /** The last feature map, `[B, C, H, W]` (convolutional). */
  map?: Tensor;
  /** All tokens after the last norm, class token first, `[B, T, D]` (transformer). */
  tokens?: Tensor;
  /** Attention of the last block, `[B, H, T, T]` (transformer). */
  attention?: Tensor;
}

export interface Backbone {
  readonly name: string;
  readonly family: "resnet" | "vit";
  /** Size D of the feature vector. */
  readonly features: number;
  /** Height and width that pictures must be a multiple of. */
  readonly multipleOf: number;
  /** Everything needed to build it again. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Pictures `[B, 3, H, W]`, normalised, to features. */
  build(scope: Scope, pictures: Tensor): BackboneOutput;
}

/** I-JEPA's predictor, with the authors' parameter names. */
import {
  add,
  cast,
  concat,
  gather,
  reshape,
  shapeOf,
  sizeOfAxis,
  sliceAxis,
  type Tensor,
} from "../tensor/index.ts";
import { truncatedNormal, zeros } from "./initializers.ts";
import { layerNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";
import { sincosPositions } from "./sincos-positions.ts";
import { transformerBlocks } from "./transformer-block.ts";

export interface IjepaPredictorInputs {
  /** Tokens of the context, `[B, C, D]`. */
  context: Tensor;
  /** The places of these tokens, int32 `[B, C]`. */
  places: Tensor;
  /** Places of the blocks to predict, each int32 `[B, M]`. */
  targets: readonly Tensor[];
  /** Patches in a row of the picture. */
  side: number;
}

export interface IjepaPredictorOptions {
  /** Width of its tokens; a multiple of 4 and of `heads`. */
  width: number;
  /** Blocks. */
  depth: number;
  heads: number;
}

/**
 * Predicts tokens at the places of each block from those of the context, block by block. It is a narrow
 * transformer over the context and a learned token for every place; fixed positions distinguish the places.
 * `[K·B, M, D]`, the first block of all pictures first. Assran et al. 2023, arXiv 2301.08243, section 3;
 * `VisionTransformerPredictor` in facebookresearch/ijepa `src/models/vision_transformer.py`.
 */
export function ijepaPredictor(
  scope: Scope,
  { context, places, targets, side }: IjepaPredictorInputs,
  { width, depth, heads }: IjepaPredictorOptions,
): Tensor {
  const [, seen, features] = shapeOf(context, 3, "ijepaPredictor");
  const init = { weightInit: truncatedNormal(0.02), biasInit: zeros };
  const embedded = linear(scope.at("predictor_embed"), context, { out: width, ...init });
  const tokens = scope.labelled(() => {
    const fixed = () => sincosPositions(side, width).slice(width);
    const table = reshape(scope.fixed("predictor_pos_embed", [1, side ** 2, width], fixed), [
      side ** 2,
      width,
    ]);
    const positions = (at: Tensor) => gather(table, cast(at, "int64"));
    const maskToken = scope.parameter("mask_token", [1, 1, width], truncatedNormal(0.02), { decays: false });
    const placed = add(embedded, positions(places)); // [B, C, width]
    const asked = add(positions(concat(targets)), maskToken); // [K·B, M, width]
    return concat([concat(targets.map(() => placed)), asked], 1);
  });
  const blocks = transformerBlocks(scope.at("predictor_blocks"), tokens, depth, heads);
  const predicted = sliceAxis(
    layerNorm(scope.at("predictor_norm"), blocks),
    1,
    seen,
    sizeOfAxis(tokens, 1, "ijepaPredictor"),
  );
  return linear(scope.at("predictor_proj"), predicted, { out: features, ...init });
}

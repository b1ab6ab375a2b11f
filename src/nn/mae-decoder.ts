/** MAE's decoder, with the authors' parameter names. */
import { add, concat, expand, shapeOf, sizeOfAxis, sliceAxis, type Tensor } from "../tensor/index.ts";
import { normal, zeros } from "./initializers.ts";
import { layerNorm, linear } from "./layers.ts";
import { pickTokens } from "./pick-tokens.ts";
import type { Scope } from "./scope.ts";
import { sincosPositions } from "./sincos-positions.ts";
import { transformerBlocks } from "./transformer-block.ts";
import { XAVIER_BLOCK } from "./transformer-init.ts";

export interface MaeDecoderInputs {
  /** The encoder's tokens: first a class token, if it has one, then the visible patches, `[B, 1 + n, D]`. */
  tokens: Tensor;
  /** n, the number of visible patches. */
  visible: number;
  /**
   * int32 `[B, N]`, N a square number. For every patch, row by row, its index among the visible ones. Hidden
   * patches have the indices from n on, each once.
   */
  places: Tensor;
}

export interface MaeDecoderOptions {
  /** Width of its tokens; a multiple of 4 and of `heads`. */
  width: number;
  /** Blocks. */
  depth: number;
  heads: number;
  /** Values predicted for each patch. */
  out: number;
}

/**
 * From the tokens of the visible patches to a prediction for every patch, `[B, N, out]`. A learned token
 * replaces each hidden patch, every place has its fixed position, and a small transformer predicts. He et al.
 * 2021, arXiv 2111.06377, section 3; `forward_decoder` in facebookresearch/mae `models_mae.py`.
 */
export function maeDecoder(scope: Scope, inputs: MaeDecoderInputs, options: MaeDecoderOptions): Tensor {
  const { width, depth, heads, out } = options;
  const init = { weightInit: XAVIER_BLOCK.linear, biasInit: zeros };
  const embedded = linear(scope.at("decoder_embed"), inputs.tokens, { out: width, ...init });
  const placed = scope.labelled(() => restore(scope, embedded, inputs));
  const blocks = transformerBlocks(scope.at("decoder_blocks"), placed, depth, heads, { init: XAVIER_BLOCK });
  const decoded = layerNorm(scope.at("decoder_norm"), blocks);
  const [, count] = shapeOf(inputs.places, 2, "maeDecoder");
  const total = sizeOfAxis(decoded, 1, "maeDecoder");
  return linear(scope.at("decoder_pred"), sliceAxis(decoded, 1, total - count, total), { out, ...init });
}

/** Visible and hidden patches in the order of the picture, with their positions: `[B, 1 + N, width]`. */
function restore(scope: Scope, embedded: Tensor, { visible, places }: MaeDecoderInputs): Tensor {
  const [b, total, width] = shapeOf(embedded, 3, "maeDecoder");
  const [, count] = shapeOf(places, 2, "maeDecoder");
  const before = total - visible;
  const maskToken = scope.parameter("mask_token", [1, 1, width], normal(0.02), { decays: false });
  const hidden = expand(maskToken, [b, count - visible, width]);
  const patches = pickTokens(concat([sliceAxis(embedded, 1, before, total), hidden], 1), places);
  const front = before === 0 ? [] : [sliceAxis(embedded, 1, 0, before)];
  const positions = scope.fixed("decoder_pos_embed", [1, before + count, width], () =>
    sincosPositions(Math.sqrt(count), width).slice((1 - before) * width),
  );
  return add(concat([...front, patches], 1), positions);
}

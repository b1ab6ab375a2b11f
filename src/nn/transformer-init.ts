import { type Initializer, truncatedNormal, xavierUniform } from "./initializers.ts";

/** Initial values of the linear layers in a transformer's block; their biases are 0. */
export interface BlockInit {
  /** For queries, keys and values, `[3D, D]`. */
  qkv: Initializer;
  /** For the MLP's first layer. */
  linear: Initializer;
  /** For the last layers of attention and MLP, whose outputs are added to the tokens. */
  residual: Initializer;
}

const narrow = truncatedNormal(0.02);

/** timm's `init_weights_vit_timm`. */
export const TIMM_BLOCK: BlockInit = { qkv: narrow, linear: narrow, residual: narrow };

/** MAE's (facebookresearch/mae `models_mae.py`), queries, keys and values as one matrix. */
export const XAVIER_BLOCK: BlockInit = {
  qkv: xavierUniform(),
  linear: xavierUniform(),
  residual: xavierUniform(),
};

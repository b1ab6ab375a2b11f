/** Initial values of vision transformers: timm's, and those of authors whose method needs others. */
import {
  type Initializer,
  normal,
  scaled,
  truncatedNormal,
  uniform,
  xavierUniform,
  zeros,
} from "../nn/initializers.ts";
import { type BlockInit, TIMM_BLOCK, XAVIER_BLOCK } from "../nn/transformer-init.ts";

export interface VitInit {
  /** For the block with this index, from 0. */
  block(index: number): BlockInit;
  /** For the patch projection `[D, C, p, p]`, by its fan-in C·p·p. */
  patch(fanIn: number): Initializer;
  patchBias(fanIn: number): Initializer;
  classToken: Initializer;
}

const cutNormal = truncatedNormal(0.02, 0.02);
const byFanIn = (fanIn: number) => uniform(1 / Math.sqrt(fanIn));

/** timm's `init_weights_vit_timm`, with DINO's class token (`vision_transformer.py`): N(0, .02²). */
const timm: VitInit = {
  block: () => TIMM_BLOCK,
  patch: byFanIn,
  patchBias: byFanIn,
  classToken: truncatedNormal(0.02),
};

/**
 * facebookresearch/mae `models_mae.py`, `initialize_weights`. The patch projection is treated as a matrix.
 */
const mae: VitInit = {
  block: () => XAVIER_BLOCK,
  patch: () => xavierUniform(),
  patchBias: byFanIn,
  classToken: normal(0.02),
};

/**
 * facebookresearch/moco-v3 `vits.py`: q, k and v are three matrices. The patch projection is not trained
 * there, so its bias stays 0 and its size does not change.
 */
const moco: VitInit = {
  block: () => ({ ...XAVIER_BLOCK, qkv: xavierUniform(3) }),
  patch: () => xavierUniform(),
  patchBias: () => zeros,
  classToken: normal(1e-6),
};

/**
 * microsoft/SimMIM: everything from a normal distribution cut off at one deviation (`models/simmim.py`,
 * `trunc_normal_`); what a block adds is divided by √(2·its place from 1) (`models/vision_transformer.py`,
 * `fix_init_weight`).
 */
const simmim: VitInit = {
  block: (index) => ({
    qkv: cutNormal,
    linear: cutNormal,
    residual: scaled(cutNormal, 1 / Math.sqrt(2 * (index + 1))),
  }),
  patch: () => cutNormal,
  patchBias: () => zeros,
  classToken: cutNormal,
};

export const VIT_INITS = { timm, mae, moco, simmim } as const;

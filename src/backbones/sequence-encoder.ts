/**
 * The encoder of CPC for sequences (van den Oord et al. 2018, arXiv 1807.03748, section 3.1): strided
 * convolutions turn a signal into latents, and a network that sees only the past turns latents into contexts.
 */

import { conv1d } from "../nn/conv1d.ts";
import { gru } from "../nn/gru.ts";
import { layerNorm, linear } from "../nn/layers.ts";
import type { Scope } from "../nn/scope.ts";
import { transformerBlock } from "../nn/transformer-block.ts";
import { add, constant, relu, sizeOfAxis, type Tensor, transpose } from "../tensor/index.ts";

export interface SequenceEncoderSettings {
  /**
   * Convolutions one after another, each with a ReLU. The paper's for sound at 16 kHz is {@link
   * CPC_AUDIO_LAYERS}.
   */
  layers: readonly { out: number; kernel: number; stride: number }[];
  /** `gru`; or `attention`: causal transformer blocks. */
  context: "gru" | "attention";
  /** E, the size of a context: 256 in the paper. */
  contextWidth: number;
  /** Attention: blocks, 2 by default. */
  depth?: number;
  /** Attention: heads, which divide `contextWidth`; 4 by default. */
  heads?: number;
}

export interface SequenceEncoderOutput {
  /** The latents, `[B, L, D]`: D is the last layer's `out`. */
  latents: Tensor;
  /** The context at each place, made of all latents up to it, `[B, L, E]`. */
  contexts: Tensor;
}

export interface SequenceEncoder {
  readonly settings: SequenceEncoderSettings;
  /**
   * Sequences `[B, C, T]` to latents and contexts; L is T through the strides of all layers, without padding.
   *
   * @throws AfterimageError `tensor/shape` for sequences too short for the layers, or heads that do not
   * divide the width.
   */
  build(scope: Scope, sequences: Tensor): SequenceEncoderOutput;
}

/** 160 samples a latent, 512 channels (section 3.1). */
export const CPC_AUDIO_LAYERS: SequenceEncoderSettings["layers"] = [
  { out: 512, kernel: 10, stride: 5 },
  { out: 512, kernel: 8, stride: 4 },
  { out: 512, kernel: 4, stride: 2 },
  { out: 512, kernel: 4, stride: 2 },
  { out: 512, kernel: 4, stride: 2 },
];

/**
 * Variables `encoder.<i>.…` of the convolutions, and under `context` those of the GRU, or of `project`,
 * `blocks` and `norm`.
 */
export function sequenceEncoder(settings: SequenceEncoderSettings): SequenceEncoder {
  return {
    settings,
    build(scope, sequences) {
      const latents = settings.layers.reduce(
        (x, layer, index) => relu(conv1d(scope.at(`encoder.${index}`), x, layer)),
        sequences,
      ); // [B, D, L]
      const byTime = transpose(latents, [0, 2, 1]);
      return { latents: byTime, contexts: contextsOf(scope.at("context"), byTime, settings) };
    },
  };
}

function contextsOf(scope: Scope, latents: Tensor, settings: SequenceEncoderSettings): Tensor {
  const { context, contextWidth: width, depth = 2, heads = 4 } = settings;
  if (context === "gru") return gru(scope, latents, { width });
  let x = add(
    linear(scope.at("project"), latents, { out: width }),
    sinePositions(sizeOfAxis(latents, 1, "sequenceEncoder"), width),
  );
  for (let index = 0; index < depth; index++)
    x = transformerBlock(scope.at(`blocks.${index}`), x, heads, 0, { causal: true }).tokens;
  return layerNorm(scope.at("norm"), x);
}

/** `[L, E]`: alternating sines and cosines (Vaswani et al. 2017, arXiv 1706.03762, section 3.5). */
function sinePositions(length: number, width: number): Tensor {
  const values = Array.from({ length: length * width }, (_, at) => {
    const [place, i] = [Math.floor(at / width), at % width];
    const angle = place / 10_000 ** ((i - (i % 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return constant(values, [length, width]);
}

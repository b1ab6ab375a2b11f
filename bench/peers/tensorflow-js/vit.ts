import * as tf from "@tensorflow/tfjs";
import type { VitSpec } from "../../cases.ts";
import { layerNorm, linear, type Parameters } from "./layers.ts";

/** Pre-norm ViT, `[B, S, S, 3]` to logits. Between the blocks the tokens are a matrix `[B·T, D]`. */
export function vit(p: Parameters, spec: VitSpec, classes: number, images: tf.Tensor4D): tf.Tensor2D {
  const { width, depth, heads } = spec;
  const [batch, size] = images.shape;
  const tokens = (size / spec.patch) ** 2 + 1;
  let x = embedTokens(p, spec, images, tokens);
  for (let i = 0; i < depth; i++) {
    x = tf.add(x, attention(p, `blocks.${i}.attn`, layerNorm(p, `blocks.${i}.norm1`, x), batch, heads));
    x = tf.add(x, mlp(p, `blocks.${i}.mlp`, layerNorm(p, `blocks.${i}.norm2`, x)));
  }
  const normed = tf.reshape(layerNorm(p, "norm", x), [batch, tokens, width]);
  const summary = tf.reshape(tf.slice(normed, [0, 0, 0], [batch, 1, width]), [batch, width]);
  return linear(p, "head", summary as tf.Tensor2D, classes);
}

function embedTokens(p: Parameters, spec: VitSpec, images: tf.Tensor4D, tokens: number): tf.Tensor2D {
  const batch = images.shape[0];
  const patches = tf.reshape(embedPatches(p, spec, images), [batch, tokens - 1, spec.width]);
  const first = tf.tile(p.get("cls_token", [1, 1, spec.width]) as tf.Tensor as tf.Tensor3D, [batch, 1, 1]);
  const placed = tf.add(tf.concat([first, patches], 1), p.get("pos_embed", [1, tokens, spec.width]));
  return tf.reshape(placed, [batch * tokens, spec.width]);
}

/** The strided patch convolution as one matrix product: `[B·P, patch·patch·3]` by the filter. */
function embedPatches(p: Parameters, { patch, width }: VitSpec, images: tf.Tensor4D): tf.Tensor2D {
  const [batch, size] = images.shape;
  const side = size / patch;
  const cut = tf.reshape(images, [batch, side, patch, side, patch * 3]);
  const rows = tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [batch * side * side, patch * patch * 3]);
  const filter = p.get("patch_embed.proj.weight", [width, 3, patch, patch]);
  const weight = tf.reshape(filter, [patch * patch * 3, width]) as tf.Tensor2D;
  return tf.add(p.form.product(rows as tf.Tensor2D, weight), p.get("patch_embed.proj.bias", [width]));
}

function attention(p: Parameters, name: string, x: tf.Tensor2D, batch: number, heads: number): tf.Tensor2D {
  const [rows, width] = x.shape;
  const tokens = rows / batch;
  const qkv = tf.reshape(linear(p, `${name}.qkv`, x, 3 * width), [batch, tokens, 3, heads, width / heads]);
  // [3, B, heads, T, D / heads]
  const [query, key, value] = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4])) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(width / heads));
  const mixed = tf.matMul(tf.softmax(scores), value); // [B, heads, T, D / heads]
  const joined = tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows, width]) as tf.Tensor2D;
  return linear(p, `${name}.proj`, joined, width);
}

function mlp(p: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const width = x.shape[1];
  const hidden = linear(p, `${name}.fc1`, x, 4 * width);
  const gelu = tf.mul(tf.mul(hidden, 0.5), tf.add(tf.erf(tf.mul(hidden, Math.SQRT1_2)), 1));
  return linear(p, `${name}.fc2`, gelu as tf.Tensor2D, width);
}

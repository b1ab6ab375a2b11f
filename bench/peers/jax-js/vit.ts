import { nn, numpy as np } from "@jax-js/jax";
import type { VitSpec } from "../../cases.ts";
import { layerNorm, linear, type Parameters } from "./layers.ts";

/** Pre-norm ViT, `[B, 3, S, S]` to logits. Between the blocks the tokens are `[B·T, D]`. */
export function vit(p: Parameters, spec: VitSpec, images: np.Array): np.Array {
  const { width, depth, heads } = spec;
  const [batch, , size] = images.shape as [number, number, number];
  const tokens = (size / spec.patch) ** 2 + 1;
  let x = embedTokens(p, spec, images, tokens);
  for (let i = 0; i < depth; i++) {
    const mixed = attention(p, `blocks.${i}.attn`, layerNorm(p, `blocks.${i}.norm1`, x.ref), batch, heads);
    x = x.add(mixed);
    const moved = mlp(p, `blocks.${i}.mlp`, layerNorm(p, `blocks.${i}.norm2`, x.ref));
    x = x.add(moved);
  }
  const normed = layerNorm(p, "norm", x).reshape([batch, tokens, width]);
  return linear(p, "head", normed.slice([], 0));
}

function embedTokens(p: Parameters, { patch, width }: VitSpec, images: np.Array, tokens: number): np.Array {
  const [batch, , size] = images.shape as [number, number, number];
  const side = size / patch;
  const cut = images.reshape([batch, 3, side, patch, side, patch]);
  // [B, side, side, 3, patch, patch]
  const rows = np.transpose(cut, [0, 2, 4, 1, 3, 5]).reshape([batch * side * side, 3 * patch * patch]);
  const filter = p["patch_embed.proj.weight"]!.reshape([width, 3 * patch * patch]);
  const embedded = np.matmul(rows, np.transpose(filter)).add(p["patch_embed.proj.bias"]!);
  const first = np.broadcastTo(p.cls_token!, [batch, 1, width]);
  const all = np.concatenate([first, embedded.reshape([batch, tokens - 1, width])], 1);
  return all.add(p.pos_embed!).reshape([batch * tokens, width]);
}

function attention(p: Parameters, name: string, x: np.Array, batch: number, heads: number): np.Array {
  const [rows, width] = x.shape as [number, number];
  const [tokens, size] = [rows / batch, width / heads];
  const qkv = linear(p, `${name}.qkv`, x).reshape([batch, tokens, 3, heads, size]);
  const parts = np.transpose(qkv, [2, 0, 3, 1, 4]); // [3, B, heads, T, D / heads]
  const scores = np
    .matmul(parts.ref.slice(0), np.matrixTranspose(parts.ref.slice(1)))
    .mul(1 / Math.sqrt(size));
  const mixed = np.matmul(nn.softmax(scores, -1), parts.slice(2)); // [B, heads, T, D / heads]
  return linear(p, `${name}.proj`, np.transpose(mixed, [0, 2, 1, 3]).reshape([rows, width]));
}

function mlp(p: Parameters, name: string, x: np.Array): np.Array {
  return linear(p, `${name}.fc2`, nn.gelu(linear(p, `${name}.fc1`, x), { approximate: false }));
}

/** The names and shapes of its parameters. */
export function vitShapes(
  { patch, width, depth }: VitSpec,
  imageSize: number,
  classes: number,
): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const weightAndBias = (name: string, ...shape: number[]) => {
    shapes.set(`${name}.weight`, shape).set(`${name}.bias`, [shape[0]!]);
  };
  shapes.set("cls_token", [1, 1, width]).set("pos_embed", [1, (imageSize / patch) ** 2 + 1, width]);
  weightAndBias("patch_embed.proj", width, 3, patch, patch);
  for (let i = 0; i < depth; i++) {
    weightAndBias(`blocks.${i}.norm1`, width);
    weightAndBias(`blocks.${i}.attn.qkv`, 3 * width, width);
    weightAndBias(`blocks.${i}.attn.proj`, width, width);
    weightAndBias(`blocks.${i}.norm2`, width);
    weightAndBias(`blocks.${i}.mlp.fc1`, 4 * width, width);
    weightAndBias(`blocks.${i}.mlp.fc2`, width, 4 * width);
  }
  weightAndBias("norm", width);
  weightAndBias("head", classes, width);
  return shapes;
}

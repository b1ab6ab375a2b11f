import type { Naming } from "../naming.ts";

/** torchvision's `vit_b_16` and its like; those of lightly too, which builds on them. */
export const torchvisionVit: Naming = {
  whose: "torchvision",
  network: "vit",
  anchor: "conv_proj.weight",
  rewrite: [[/^encoder\.layers\.encoder_layer_(\d+)\./, "layer.$1."]],
  rules: [
    ["class_token", "cls_token"],
    ["encoder.pos_embedding", "pos_embed"],
    ["conv_proj.{p}", "patch_embed.proj.{p}"],
    ["layer.{i}.ln_1.{p}", "blocks.{i}.norm1.{p}"],
    ["layer.{i}.self_attention.in_proj_{p}", "blocks.{i}.attn.qkv.{p}"],
    ["layer.{i}.self_attention.out_proj.{p}", "blocks.{i}.attn.proj.{p}"],
    ["layer.{i}.ln_2.{p}", "blocks.{i}.norm2.{p}"],
    ["layer.{i}.mlp.0.{p}", "blocks.{i}.mlp.fc1.{p}"],
    ["layer.{i}.mlp.3.{p}", "blocks.{i}.mlp.fc2.{p}"],
    // before torchvision 0.14
    ["layer.{i}.mlp.linear_1.{p}", "blocks.{i}.mlp.fc1.{p}"],
    ["layer.{i}.mlp.linear_2.{p}", "blocks.{i}.mlp.fc2.{p}"],
    ["encoder.ln.{p}", "norm.{p}"],
  ],
  leftOut: [["heads.*", "a head"]],
};

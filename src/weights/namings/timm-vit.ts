import type { Naming } from "../naming.ts";

/**
 * timm's vision transformers, whose names are ours; also those of DINO, DINOv2, MoCo v3, MAE and I-JEPA, and
 * of whatever builds on timm.
 */
export const timmVit: Naming = {
  whose: "timm",
  network: "vit",
  anchor: "patch_embed.proj.weight",
  // DINOv2's training cuts the blocks into chunks: blocks.<chunk>.<block>.
  rewrite: [[/^blocks\.\d+\.(\d+)\./, "blocks.$1."]],
  same: ["cls_token", "pos_embed", "reg_token", "patch_embed.proj.", "blocks.", "norm."],
  rules: [
    ["register_tokens", "reg_token"],
    ["blocks.{i}.mlp.w12.{p}", "blocks.{i}.mlp.fc1.{p}"],
    ["blocks.{i}.mlp.w3.{p}", "blocks.{i}.mlp.fc2.{p}"],
  ],
  leftOut: [
    ["head.*", "a head"],
    ["dino_head.*", "a head"],
    ["ibot_head.*", "a head"],
    ["mask_token", "the token of hidden patches"],
    ["masked_embed", "the token of hidden patches"],
    ["decoder_*", "a decoder"],
  ],
};

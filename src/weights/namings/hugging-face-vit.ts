import type { Naming } from "../naming.ts";

/**
 * Hugging Face's `vit`, `vit_mae`, `vit_msn`, `ijepa`, `dinov2` and `dinov2_with_registers`, in the names of
 * their files and in those of transformers 5, which calls queries, keys and values by `q_proj`, `k_proj`,
 * `v_proj`.
 */
export const huggingFaceVit: Naming = {
  whose: "Hugging Face",
  network: "vit",
  anchor: "embeddings.patch_embeddings.projection.weight",
  // The blocks are in `encoder.layer` or, from transformers 5 on, in `layers`.
  rewrite: [[/^(?:encoder\.layers?|layers)\.(\d+)\./, "layer.$1."]],
  rules: [
    ["embeddings.cls_token", "cls_token"],
    ["embeddings.position_embeddings", "pos_embed"],
    ["embeddings.register_tokens", "reg_token"],
    ["embeddings.patch_embeddings.projection.{p}", "patch_embed.proj.{p}"],
    // vit
    ["layer.{i}.layernorm_before.{p}", "blocks.{i}.norm1.{p}"],
    ["layer.{i}.layernorm_after.{p}", "blocks.{i}.norm2.{p}"],
    ["layer.{i}.intermediate.dense.{p}", "blocks.{i}.mlp.fc1.{p}"],
    ["layer.{i}.output.dense.{p}", "blocks.{i}.mlp.fc2.{p}"],
    // dinov2
    ["layer.{i}.norm1.{p}", "blocks.{i}.norm1.{p}"],
    ["layer.{i}.norm2.{p}", "blocks.{i}.norm2.{p}"],
    ["layer.{i}.layer_scale1.lambda1", "blocks.{i}.ls1.gamma"],
    ["layer.{i}.layer_scale2.lambda1", "blocks.{i}.ls2.gamma"],
    ["layer.{i}.mlp.fc1.{p}", "blocks.{i}.mlp.fc1.{p}"],
    ["layer.{i}.mlp.fc2.{p}", "blocks.{i}.mlp.fc2.{p}"],
    ["layer.{i}.mlp.weights_in.{p}", "blocks.{i}.mlp.fc1.{p}"],
    ["layer.{i}.mlp.weights_out.{p}", "blocks.{i}.mlp.fc2.{p}"],
    ["layer.{i}.mlp.gate_proj.{p}", "blocks.{i}.mlp.fc1.{p}", "rows 1 of 2"],
    ["layer.{i}.mlp.up_proj.{p}", "blocks.{i}.mlp.fc1.{p}", "rows 2 of 2"],
    ["layer.{i}.mlp.down_proj.{p}", "blocks.{i}.mlp.fc2.{p}"],
    // attention, in the files of both
    ["layer.{i}.attention.attention.query.{p}", "blocks.{i}.attn.qkv.{p}", "rows 1 of 3"],
    ["layer.{i}.attention.attention.key.{p}", "blocks.{i}.attn.qkv.{p}", "rows 2 of 3"],
    ["layer.{i}.attention.attention.value.{p}", "blocks.{i}.attn.qkv.{p}", "rows 3 of 3"],
    ["layer.{i}.attention.output.dense.{p}", "blocks.{i}.attn.proj.{p}"],
    // attention, in the names of transformers 5
    ["layer.{i}.attention.q_proj.{p}", "blocks.{i}.attn.qkv.{p}", "rows 1 of 3"],
    ["layer.{i}.attention.k_proj.{p}", "blocks.{i}.attn.qkv.{p}", "rows 2 of 3"],
    ["layer.{i}.attention.v_proj.{p}", "blocks.{i}.attn.qkv.{p}", "rows 3 of 3"],
    ["layer.{i}.attention.o_proj.{p}", "blocks.{i}.attn.proj.{p}"],
    ["layernorm.{p}", "norm.{p}"],
  ],
  leftOut: [
    ["embeddings.mask_token", "the token of hidden patches"],
    ["embeddings.position_ids", "a list of numbers from 0 on"],
    ["pooler.*", "a layer for classification"],
    ["classifier.*", "a head"],
    ["decoder.*", "a decoder"],
  ],
};

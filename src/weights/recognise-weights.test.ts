import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFixture } from "../../test/support/fixtures.ts";
import { type Shapes, shapesOf, sourceOf, under } from "../../test/support/weight-files.ts";
import { resnet, vit } from "../backbones/index.ts";
import { AfterimageError } from "../errors.ts";
import { MisfittingWeights, recogniseWeights } from "./recognise-weights.ts";

const SMALL = { imageSize: 224, patch: 16, width: 384, depth: 12, heads: 6, dropPath: 0 };
const small = shapesOf(vit("vit_small_patch16", SMALL), 224);
const resnet50 = shapesOf(resnet({ depth: 50, width: 64, stem: "imagenet" }), 224);
const cifar = shapesOf(resnet({ depth: 18, width: 64, stem: "cifar" }), 32);
const dinov2: Shapes = {
  ...shapesOf(vit("vit", { ...SMALL, imageSize: 518, patch: 14, layerScale: 1, registers: 4 }), 518),
  mask_token: [1, 384],
};
const { reg_token: registers, ...noRegisters } = dinov2;
const withRegisters = { ...noRegisters, register_tokens: registers! };
const moco = { "fc.0.weight": [2048, 2048], "fc.2.weight": [128, 2048], "conv1.weight": [64, 3, 7, 7] };

const from = (shapes: Shapes, options = {}) => recogniseWeights(sourceOf(shapes), options);

describe("the files of the field", () => {
  it.each([
    [
      "dinov2_vits14_reg4_pretrain.pth",
      withRegisters,
      "DINOv2 ViT-S/14 with registers, 22.1 M parameters, positions for 518 pixels",
    ],
    [
      "dinov2_vits14_pretrain.pth",
      noRegisters,
      "DINOv2 ViT-S/14, 22.1 M parameters, positions for 518 pixels",
    ],
    [
      "dino_deitsmall16_pretrain_full_checkpoint.pth",
      {
        ...under("student.module.backbone.", small),
        ...under("teacher.backbone.", small),
        "teacher.head.mlp.0.weight": [2048, 384],
      },
      "DINO ViT-S/16, 21.7 M parameters, positions for 224 pixels",
    ],
    [
      "dino_deitsmall16_pretrain.pth",
      small,
      "ViT-S/16 in timm's names, 21.7 M parameters, positions for 224 pixels",
    ],
    [
      "mae_pretrain_vit_small.pth",
      under("model.", small),
      "MAE ViT-S/16, 21.6 M parameters, positions for 224 pixels",
    ],
    [
      "vit-s-300ep.pth.tar",
      {
        ...under("state_dict.module.base_encoder.", small),
        ...under("state_dict.module.momentum_encoder.", small),
      },
      "MoCo v3 ViT-S/16, 21.6 M parameters, positions for 224 pixels",
    ],
    [
      "moco_v2_800ep_pretrain.pth.tar",
      {
        ...under("state_dict.module.encoder_q.", { ...resnet50, ...moco }),
        ...under("state_dict.module.encoder_k.", resnet50),
        "state_dict.module.queue": [128, 65536],
      },
      "MoCo ResNet-50, 23.5 M parameters",
    ],
    [
      "resnet50-11ad3fa6.pth",
      { ...resnet50, "fc.weight": [1000, 2048], "fc.bias": [1000], "bn1.num_batches_tracked": [] },
      "torchvision ResNet-50, 23.5 M parameters",
    ],
    [
      "SimSiam's checkpoint_0099.pth.tar",
      {
        ...under("state_dict.module.encoder.", { ...resnet50, "fc.0.weight": [2048, 2048] }),
        "state_dict.module.predictor.0.weight": [512, 2048],
      },
      "torchvision ResNet-50, 23.5 M parameters",
    ],
    [
      "swav_800ep_pretrain.pth.tar",
      {
        ...under("module.", resnet50),
        "module.prototypes.weight": [3000, 128],
        "module.projection_head.0.weight": [2048, 2048],
      },
      "SwAV ResNet-50, 23.5 M parameters",
    ],
    [
      "solo-learn's byol-cifar10.ckpt",
      {
        ...under("state_dict.backbone.", cifar),
        ...under("state_dict.momentum_backbone.", cifar),
        "state_dict.classifier.weight": [10, 512],
      },
      "solo-learn or lightly ResNet-18 with the CIFAR stem, 11.2 M parameters",
    ],
  ])("%s is recognised", (_, shapes, words) => {
    expect(from(shapes).recognised).toBe(words);
  });

  it("are taken where their authors evaluate them, unless another part is asked for", () => {
    const both = { ...under("student.module.backbone.", small), ...under("teacher.backbone.", small) };
    expect(from(both)).toMatchObject({ prefix: "teacher.backbone.", elsewhere: Object.keys(small).length });
    expect(from(both, { part: "student" }).prefix).toBe("student.module.backbone.");
    const two = { ...under("encoder_q.", cifar), ...under("encoder_k.", cifar) };
    expect(from(two, { part: "encoder_k" }).prefix).toBe("encoder_k.");
    const ijepa = { ...under("encoder.module.", small), ...under("target_encoder.module.", small) };
    expect(from(ijepa).prefix).toBe("target_encoder.module.");
  });

  it("give MoCo v3's small transformer its twelve heads, and others heads of 64 features", () => {
    expect(from(under("module.base_encoder.", small)).backbone.settings.heads).toBe(12);
    expect(from(small).backbone.settings.heads).toBe(6);
    const huge = vit("vit", { imageSize: 28, patch: 14, width: 1280, depth: 1, heads: 16, dropPath: 0 });
    expect(from(shapesOf(huge, 28)).backbone.settings.heads).toBe(16);
    expect(from(small, { heads: 3 }).backbone.settings.heads).toBe(3);
  });

  it("resample positions and see pictures as their source does", () => {
    const view = (shapes: Shapes, options = {}) => {
      const { backbone, imageSize, preprocessing } = from(shapes, options);
      return [
        backbone.settings.resampling ?? "offset",
        imageSize,
        preprocessing.interpolation,
        preprocessing.cropShare,
      ];
    };
    expect(view(noRegisters)).toEqual(["offset", 224, "bicubic", 0.875]);
    expect(view(withRegisters)).toEqual(["antialiased", 224, "bicubic", 0.875]);
    expect(view(small)).toEqual(["antialiased", 224, "bicubic", 0.875]);
    expect(view(small, { as: "dino" })).toEqual(["offset", 224, "bicubic", 0.875]);
    expect(view(small, { as: "mae" })).toEqual(["plain", 224, "bicubic", 0.875]);
    expect(view(resnet50).slice(1)).toEqual([224, "bilinear", 0.875]);
    expect(view(cifar).slice(1)).toEqual([32, "bilinear", 1]);
  });

  it("say what was left out, and why", () => {
    expect(from({ ...small, "head.weight": [1000, 384], "head.bias": [1000] }).leftOut).toEqual([
      { name: "head.weight", why: "a head" },
      { name: "head.bias", why: "a head" },
    ]);
  });
});

/** Names and shapes of a case of the fixture that `test/parity/imports.test.ts` compares. */
function fixtureTensors(name: string): [string, number[]][] {
  const { tensors } = readFixture("imports").setting<{ tensors: [string, unknown, number[]][] }>(name);
  return tensors.map(([full, , shape]) => [full, shape]);
}

/** The error of weights that are refused. */
function refusal(work: () => unknown): AfterimageError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(AfterimageError);
    return error as AfterimageError;
  }
  throw new Error("the weights were taken");
}

describe("weights that do not fit", () => {
  it("are refused with every tensor that is missing, left over or of another shape", () => {
    const { "blocks.3.attn.qkv.bias": _, ...without } = small;
    const shapes = {
      ...without,
      "blocks.5.mlp.fc1.weight": [1535, 384],
      "blocks.7.attn.q_norm.weight": [64],
      fc_norm: [384],
    };
    const error = refusal(() => from(shapes));
    expect(error).toBeInstanceOf(MisfittingWeights);
    expect((error as MisfittingWeights).mismatches).toEqual({
      missing: [{ name: "blocks.3.attn.qkv.bias", shape: [1152] }],
      leftOver: [
        { name: "fc_norm", shape: [384] },
        { name: "blocks.7.attn.q_norm.weight", shape: [64] },
      ],
      misfits: [{ name: "blocks.5.mlp.fc1.weight", expected: [1536, 384], got: [1535, 384] }],
    });
    expect(error.code).toBe("weights/misfit");
    expect(error.evidence.details).toEqual([
      "missing: blocks.3.attn.qkv.bias [1152]",
      "left over: fc_norm [384]",
      "left over: blocks.7.attn.q_norm.weight [64]",
      "of another shape: blocks.5.mlp.fc1.weight [1535, 384], not [1536, 384]",
    ]);
  });

  it("are refused where the class token is missing for which there is a position", () => {
    const { cls_token: _, ...without } = small;
    expect(refusal(() => from(without)).evidence.details).toEqual(["missing: cls_token [1, 1, 384]"]);
  });

  it("are refused where one of queries, keys and values is missing", () => {
    const shapes: Record<string, number[]> = {
      ...{ "embeddings.patch_embeddings.projection.weight": [32, 3, 4, 4] },
      ...{ "embeddings.position_embeddings": [1, 17, 32], "embeddings.cls_token": [1, 1, 32] },
      ...{ "encoder.layer.0.mlp.fc1.weight": [128, 32], "encoder.layer.0.mlp.fc2.weight": [32, 128] },
      ...{
        "encoder.layer.0.attention.q_proj.weight": [32, 32],
        "encoder.layer.0.attention.v_proj.weight": [32, 32],
      },
    };
    const config = { num_attention_heads: 2 };
    const error = refusal(() => recogniseWeights(sourceOf(shapes, { config })));
    expect(error.evidence.details).toContain("missing: blocks.0.attn.qkv.weight, part 2 of 3 [32, 32]");
  });

  it.each<[string, Shapes, RegExp]>([
    [
      "nothing that is known",
      { "features.0.weight": [64, 3, 11, 11] },
      /no network that is known.*features\.0\.weight/,
    ],
    ["no tensor", {}, /got no tensors/],
    [
      "rotary positions",
      Object.fromEntries(Object.entries(small).filter(([name]) => name !== "pos_embed")),
      /expected pos_embed; got none: positions that are rotations/,
    ],
    [
      "positions for no square",
      { ...small, pos_embed: [1, 190, 384] },
      /square grid of patches; got 190 positions/,
    ],
    [
      "patches that are no squares",
      { ...small, "patch_embed.proj.weight": [384, 3, 16, 8] },
      /square patches; got 16 × 8/,
    ],
    [
      "heads that nothing tells",
      under("", shapesOf(vit("vit", { ...SMALL, width: 96, heads: 4 }), 224)),
      /attention heads is not known.*`heads`/,
    ],
    ["another depth", { ...resnet50, "layer4.3.conv1.weight": [512, 2048, 1, 1] }, /got 3,4,6,4 bottleneck/],
    ["another stem", { ...resnet50, "conv1.weight": [64, 3, 5, 5] }, /7 × 7 or 3 × 3; got \[64,3,5,5\]/],
    [
      "several networks",
      { ...under("left.", cifar), ...under("right.", cifar) },
      /several networks.*left\., right\..*`part`/,
    ],
  ])("are refused for %s", (_, shapes, says) => {
    const error = refusal(() => from(shapes));
    expect(error.message).toMatch(says);
    expect(error.isUsage).toBe(true);
  });

  it("are refused for a part that is not there", () => {
    expect(refusal(() => from(small, { part: "teacher" })).message).toMatch(
      /one in teacher; got networks in the top/,
    );
  });

  it("are refused where a number is not finite", () => {
    const source = sourceOf(small);
    const broken = {
      ...source.tensors.get("norm.bias")!,
      load: () => ({ dtype: "F32" as const, shape: [384], data: new Float32Array(384).fill(Number.NaN, 7) }),
    };
    const tensors = new Map([...source.tensors, ["norm.bias", broken]]);
    const { load } = recogniseWeights({ ...source, tensors });
    expect(refusal(load).message).toMatch(/not finite \(norm\.bias\); got NaN/);
  });
});

describe("any names, shapes and configurations give a network or an AfterimageError", () => {
  const narrow = vit("vit", { imageSize: 16, patch: 4, width: 64, depth: 1, heads: 1, dropPath: 0 });
  const starts: Shapes[] = [
    { ...shapesOf(narrow, 16), mask_token: [1, 64] },
    shapesOf(resnet({ depth: 18, width: 4, stem: "cifar" }), 32),
    Object.fromEntries(fixtureTensors("hf-dinov2-swiglu-5")),
    Object.fromEntries(fixtureTensors("torchvision-vit")),
  ];
  const size = fc.oneof(fc.nat(65), fc.constantFrom(0, 1, 1e9, Number.MAX_SAFE_INTEGER));
  const value = fc.oneof(size, fc.double(), fc.string(), fc.array(size, { maxLength: 3 }), fc.constant(null));
  const keys = fc.constantFrom("model_type", "architecture", "hidden_size", "image_size", "layer_norm_eps");
  const views = fc.constantFrom("size", "crop_size", "do_center_crop", "image_mean", "crop_pct", "resample");

  it("however they were changed", () => {
    const changed = fc.constantFrom(...starts).chain((shapes) => {
      const name = fc.constantFrom(...Object.keys(shapes));
      const reshaped = fc.tuple(name, fc.array(size, { maxLength: 4 }));
      return fc.record({
        shapes: fc.constant(shapes),
        reshaped: fc.array(reshaped, { maxLength: 3 }),
        gone: fc.array(name, { maxLength: 2 }),
        moved: fc.array(fc.tuple(name, fc.constantFrom("module.", "student.", "x")), { maxLength: 2 }),
        config: fc.option(fc.dictionary(keys, value)),
        preprocessor: fc.option(fc.dictionary(views, value)),
      });
    });
    fc.assert(
      fc.property(changed, ({ shapes, reshaped, gone, moved, config, preprocessor }) => {
        const entries = Object.entries({ ...shapes, ...Object.fromEntries(reshaped) })
          .filter(([name]) => !gone.includes(name))
          .map(
            ([name, shape]) => [`${moved.find(([one]) => one === name)?.[1] ?? ""}${name}`, shape] as const,
          );
        try {
          recogniseWeights(sourceOf(Object.fromEntries(entries), { config, preprocessor }));
        } catch (error) {
          expect(error).toBeInstanceOf(AfterimageError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("a configuration", () => {
  const shapes = {
    "embeddings.patch_embeddings.projection.weight": [32, 3, 4, 4],
    "embeddings.patch_embeddings.projection.bias": [32],
    "embeddings.position_embeddings": [1, 17, 32],
    "embeddings.cls_token": [1, 1, 32],
    "layernorm.weight": [32],
    "layernorm.bias": [32],
    ...Object.fromEntries(
      ["layernorm_before", "layernorm_after"].flatMap((norm) => [
        [`layers.0.${norm}.weight`, [32]],
        [`layers.0.${norm}.bias`, [32]],
      ]),
    ),
    ...Object.fromEntries(
      ["q_proj", "k_proj", "v_proj", "o_proj"].flatMap((part) => [
        [`layers.0.attention.${part}.weight`, [32, 32]],
        [`layers.0.attention.${part}.bias`, [32]],
      ]),
    ),
    "layers.0.mlp.fc1.weight": [64, 32],
    "layers.0.mlp.fc1.bias": [64],
    "layers.0.mlp.fc2.weight": [32, 64],
    "layers.0.mlp.fc2.bias": [32],
  };
  const config = {
    model_type: "vit",
    num_attention_heads: 4,
    layer_norm_eps: 1e-5,
    image_size: 16,
    patch_size: [4, 4],
  };
  const withConfig = (changes: object) => () =>
    recogniseWeights(sourceOf(shapes, { config: { ...config, ...changes } }));

  it("says the heads and the epsilon, which no tensor does", () => {
    expect(withConfig({})().backbone.settings).toMatchObject({
      heads: 4,
      epsilon: 1e-5,
      mlpWidth: 64,
      resampling: "plain",
    });
  });

  it("is needed for Hugging Face's names", () => {
    expect(refusal(() => from(shapes)).message).toMatch(/config\.json beside the weights; got none/);
  });

  it.each([
    [{ hidden_size: 48 }, /hidden_size\); expected 32; got 48/],
    [{ num_hidden_layers: 12 }, /num_hidden_layers\); expected 1; got 12/],
    [{ image_size: 224 }, /image_size\); expected 16; got 224/],
    [{ patch_size: 16 }, /patch_size\); expected 4; got 16/],
    [{ intermediate_size: 128 }, /intermediate_size\); expected 64; got 128/],
    [{ hidden_act: "quick_gelu" }, /hidden_act\); expected gelu; got quick_gelu/],
    [{ num_attention_heads: 5 }, /heads is not known.*divisor of the width 32; got 5/],
  ])("that contradicts the weights is refused: %o", (changes, says) => {
    expect(refusal(withConfig(changes)).message).toMatch(says);
  });

  const seen = (preprocessor: object) => {
    const { imageSize, preprocessing, notes } = recogniseWeights(
      sourceOf(shapes, { config, preprocessor: { ...preprocessor } }),
    );
    return { imageSize, ...preprocessing, notes: notes.length };
  };
  const plain = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

  it.each([
    [
      "ViTImageProcessor",
      { size: { height: 16, width: 16 }, resample: 2 },
      { imageSize: 16, interpolation: "bilinear", normalize: plain, cropShare: 1, notes: 1 },
    ],
    [
      "ViTImageProcessor of old",
      { size: 16, resample: 2, image_mean: [0.4, 0.5, 0.6], image_std: [1, 1, 1] },
      {
        imageSize: 16,
        interpolation: "bilinear",
        normalize: { mean: [0.4, 0.5, 0.6], std: [1, 1, 1] },
        cropShare: 1,
        notes: 1,
      },
    ],
    [
      "BitImageProcessor",
      {
        size: { shortest_edge: 20 },
        do_center_crop: true,
        crop_size: { height: 16, width: 16 },
        resample: 3,
      },
      { imageSize: 16, interpolation: "bicubic", normalize: plain, cropShare: 0.8, notes: 0 },
    ],
    [
      "ConvNextImageProcessor",
      { size: { shortest_edge: 16 }, crop_pct: 0.875, resample: 3 },
      { imageSize: 16, interpolation: "bicubic", normalize: plain, cropShare: 0.875, notes: 0 },
    ],
    [
      "another kernel",
      { size: { shortest_edge: 16 }, resample: 1, do_normalize: false },
      {
        imageSize: 16,
        interpolation: "bicubic",
        normalize: { mean: [0, 0, 0], std: [1, 1, 1] },
        cropShare: 1,
        notes: 1,
      },
    ],
  ])("of pictures is read: %s", (_, preprocessor, view) => {
    expect(seen(preprocessor)).toEqual(view);
  });

  it("of pictures of timm's is read", () => {
    const pretrained = {
      input_size: [3, 192, 192],
      mean: [0.5, 0.5, 0.5],
      crop_pct: 0.9,
      interpolation: "bilinear",
    };
    const timm = { architecture: "vit_small_patch16_192", pretrained_cfg: pretrained };
    const { imageSize, preprocessing } = recogniseWeights(sourceOf(small, { config: timm }));
    expect({ imageSize, ...preprocessing }).toEqual({
      ...{ imageSize: 192, interpolation: "bilinear", cropShare: 0.9 },
      normalize: { mean: [0.5, 0.5, 0.5], std: [0.229, 0.224, 0.225] },
    });
  });

  it("of pictures of a billion pixels is refused", () => {
    expect(refusal(() => seen({ size: 1e9 })).message).toMatch(/1 to 4096 pixels; got 1000000000/);
  });

  it("of pictures that are not divided by 255 is refused", () => {
    expect(refusal(() => seen({ size: 16, do_rescale: false })).message).toMatch(
      /divided by 255; got multiplied by 1/,
    );
    expect(refusal(() => seen({ size: 16, do_center_crop: true, crop_size: 32 })).message).toMatch(
      /within the picture; got 2/,
    );
  });
});

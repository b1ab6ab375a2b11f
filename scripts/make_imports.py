"""Public encoders as their projects have them: features and the gradient for the picture, of small networks.

Each case is a network of timm, torchvision, transformers or, given folders of their repositories, of the authors of DINO
(7c446df), DINOv2 (b8931f7), MAE (efb2a80), I-JEPA (52c1ae9) and MoCo v3 (c349e6e):

    python scripts/make_imports.py dino dinov2 mae ijepa moco-v3

Its tensors are not stored: metadata lists their names and shapes in the file that the project writes, and the name inside
of the network by which `weight` computes each; null for tensors around the network, which have any value. loss =
sum(features * R). Computed in float64 from float32 weights.
"""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import timm
import torch
import torchvision
import transformers
from safetensors.torch import load_file
from torch import nn

from afterimage_fixtures import fill, float32_error, probe, tensor, write
from authors_code import authors_module, stand_in

SIZE, PATCH, WIDTH, DEPTH, HEADS = 16, 4, 32, 2, 2
NORM = partial(nn.LayerNorm, eps=1e-6)
VIT = dict(patch_size=PATCH, embed_dim=WIDTH, depth=DEPTH, num_heads=HEADS)
HF_VIT = dict(
    image_size=SIZE, patch_size=PATCH, hidden_size=WIDTH, num_hidden_layers=DEPTH, num_attention_heads=HEADS
)


def plain_names(model, prefix=""):
    """A file of the state dict, with a prefix: full names, and names inside."""
    return {f"{prefix}{name}": name for name in model.state_dict()}


def around(**shapes):
    """Tensors of the file that are no part of the network."""
    return {name.replace("__", "."): (None, shape) for name, shape in shapes.items()}


def hugging_face_names(model):
    """The names in the file of save_pretrained, which transformers 5 converts: found by their values."""
    with tempfile.TemporaryDirectory() as folder:
        fill(model, torch.float32).save_pretrained(folder)
        saved = load_file(Path(folder) / "model.safetensors")
    inside = {name: value.float() for name, value in model.state_dict().items()}
    names = {}
    for name, value in saved.items():
        same = [own for own, other in inside.items() if other.shape == value.shape and torch.equal(other, value)]
        if name in inside:
            names[name] = name
        elif len(same) == 1:
            names[name] = same[0]
        else:  # two of its own, one above the other
            names[name] = "+".join(halves(value, inside))
    return names


def halves(value, inside):
    first, second = value.chunk(2)
    return [next(n for n, other in inside.items() if torch.equal(other, half)) for half in (first, second)]


class Case:
    def __init__(self, build, features, names, sizes=(SIZE,), config=None, more=None):
        self.build, self.features, self.names, self.sizes = build, features, names, sizes
        self.config, self.more = config, more or {}

    def reference(self, case, dtype):
        torch.manual_seed(0)
        model = fill(self.build(), dtype).eval()
        out = {}
        for size in self.sizes:
            x = tensor(f"{case}.input", (2, 3, size, size), dtype=dtype).requires_grad_()
            features = self.features(model, x)
            (features * tensor(f"{case}.R", tuple(features.shape), dtype=dtype)).sum().backward()
            out |= {f"{case}/{size}/features": features, f"{case}/{size}/grad": probe(x.grad)}
        return out

    def tensors(self):
        model = self.build()
        shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
        listed = [[full, own, shape_of(own, shapes)] for full, own in self.names(model).items()]
        return listed + [[name, None, list(shape)] for name, (_, shape) in self.more.items()]


def shape_of(own, shapes):
    parts = [shapes[name] for name in own.split("+")]
    return [len(parts) * parts[0][0], *parts[0][1:]] if len(parts) > 1 else parts[0]


def token(model, x):
    return model(x)


def last_hidden(model, x, **options):
    return model(pixel_values=x, **options).last_hidden_state


def timm_cases():
    def vit(name, **more):
        def build():
            return timm.create_model(name, img_size=SIZE, num_classes=0, dynamic_img_size=True, **VIT, **more)

        config = {"architecture": name, "num_classes": 0, "pretrained_cfg": timm_config(name)}
        return Case(build, token, plain_names, sizes=(SIZE, 24, 8), config=config)

    def timm_config(name):
        cfg = timm.get_pretrained_cfg(name)
        return {
            "mean": list(cfg.mean),
            "std": list(cfg.std),
            "interpolation": cfg.interpolation,
            "crop_pct": cfg.crop_pct,
            "input_size": [3, SIZE, SIZE],
        }

    return {
        "timm-vit": vit("vit_small_patch16_224"),
        "timm-dinov2-registers": vit("vit_small_patch14_reg4_dinov2"),
        "timm-dinov2-giant": vit("vit_giant_patch14_reg4_dinov2"),
    }


def torchvision_cases():
    def vit():
        model = torchvision.models.VisionTransformer(SIZE, PATCH, DEPTH, HEADS, WIDTH, 4 * WIDTH)
        model.heads = nn.Identity()
        return model

    def resnet(numbered):
        model = torchvision.models.resnet18()
        model.fc = nn.Identity()
        return nn.Sequential(*list(model.children())[:-1]) if numbered else model

    head = around(**{"heads__head__weight": (5, WIDTH), "heads__head__bias": (5,)})
    return {
        "torchvision-vit": Case(vit, token, plain_names, more=head),
        "torchvision-resnet18": Case(
            lambda: resnet(False), token, plain_names, sizes=(32,), more=around(fc__weight=(5, 512), fc__bias=(5,))
        ),
        "lightly-resnet18": Case(
            lambda: resnet(True),
            lambda model, x: model(x).flatten(1),
            lambda model: plain_names(model, "state_dict.backbone."),
            sizes=(32,),
            more=around(state_dict__projection_head__layers__0__weight=(8, 512)),
        ),
    }


def hugging_face_cases():
    hf = transformers

    def case(config, model, features, sizes, names, **options):
        def build():
            return model(config, **options)

        return Case(build, features, names, sizes, json.loads(config.to_json_string()))

    vit = hf.ViTConfig(**HF_VIT, intermediate_size=96, layer_norm_eps=1e-3)
    no_bias = hf.ViTConfig(**HF_VIT, intermediate_size=96, qkv_bias=False)
    dinov2 = hf.Dinov2Config(**HF_VIT)
    swiglu = hf.Dinov2Config(**HF_VIT, use_swiglu_ffn=True)
    registers = hf.Dinov2WithRegistersConfig(**HF_VIT)
    ijepa = hf.IJepaConfig(**HF_VIT, intermediate_size=96)
    narrow = dict(embedding_size=8, depths=[2, 2, 2, 2], hidden_sizes=[8, 16, 32, 64], layer_type="basic")
    deep = dict(embedding_size=8, depths=[3, 4, 6, 3], hidden_sizes=[32, 64, 128, 256])
    deeper = dict(embedding_size=4, depths=[3, 4, 23, 3], hidden_sizes=[16, 32, 64, 128])

    def of_class(model, x):
        return last_hidden(model, x, interpolate_pos_encoding=True)[:, 0]

    def own_size(model, x):
        return last_hidden(model, x)[:, 0]

    def mean(model, x):
        return last_hidden(model, x, interpolate_pos_encoding=True).mean(1)

    def pooled(model, x):
        return model(pixel_values=x).pooler_output.flatten(1)

    inside = plain_names
    return {
        "hf-vit": case(vit, hf.ViTModel, of_class, (SIZE, 24, 8), hugging_face_names),
        "hf-vit-5": case(vit, hf.ViTModel, of_class, (SIZE,), lambda m: inside(m, "vit."), add_pooling_layer=False),
        "hf-vit-no-bias": case(no_bias, hf.ViTModel, of_class, (SIZE,), hugging_face_names),
        "hf-dinov2": case(dinov2, hf.Dinov2Model, own_size, (SIZE, 24, 8), hugging_face_names),
        "hf-dinov2-swiglu": case(swiglu, hf.Dinov2Model, own_size, (SIZE,), hugging_face_names),
        "hf-dinov2-swiglu-5": case(swiglu, hf.Dinov2Model, own_size, (SIZE,), inside),
        "hf-dinov2-registers": case(registers, hf.Dinov2WithRegistersModel, own_size, (SIZE, 24, 8), hugging_face_names),
        "hf-ijepa": case(ijepa, hf.IJepaModel, mean, (SIZE, 24), hugging_face_names, add_pooling_layer=False),
        "hf-resnet-basic": case(hf.ResNetConfig(**narrow), hf.ResNetModel, pooled, (32,), hugging_face_names),
        "hf-resnet-101": case(hf.ResNetConfig(**deeper), hf.ResNetModel, pooled, (32,), hugging_face_names),
        "hf-resnet-bottleneck": case(hf.ResNetConfig(**deep), hf.ResNetModel, pooled, (32,), hugging_face_names),
    }


def authors_cases(dino, dinov2, mae, ijepa, moco):
    DinoVit = authors_module(dino, "vision_transformer").VisionTransformer
    DinoV2Vit = authors_module(dinov2, "dinov2.models.vision_transformer")
    MaeVit = authors_module(mae, "models_vit").VisionTransformer
    IJepaVit = authors_module(ijepa, "src.models.vision_transformer").VisionTransformer
    stand_in("timm.models.layers.helpers", to_2tuple=lambda side: (side, side))  # where timm had them then
    stand_in("timm.models.layers", PatchEmbed=timm.layers.PatchEmbed)
    MocoVit = authors_module(moco, "vits").VisionTransformerMoCo
    MocoVit.num_tokens = 1  # which timm had then

    def dinov2_vit(registers, ffn="mlp", chunks=0):
        return lambda: DinoV2Vit.DinoVisionTransformer(
            img_size=SIZE,
            block_fn=partial(DinoV2Vit.Block, attn_class=DinoV2Vit.MemEffAttention),
            init_values=1e-5,
            ffn_layer=ffn,
            block_chunks=chunks,
            num_register_tokens=registers,
            interpolate_antialias=registers > 0,
            interpolate_offset=0.0 if registers > 0 else 0.1,
            **VIT,
        )

    def mae_vit():
        return MaeVit(img_size=SIZE, num_classes=0, mlp_ratio=4, qkv_bias=True, norm_layer=NORM, **VIT)

    def moco_vit():
        return MocoVit(img_size=SIZE, num_classes=0, mlp_ratio=4, qkv_bias=True, norm_layer=NORM, **VIT)

    def with_teacher(model):
        student = {f"student.module.backbone.{name}": name for name in model.state_dict()}
        return plain_names(model, "teacher.backbone.") | {name: own for name, own in student.items()}

    def twice(first, second):
        return lambda model: plain_names(model, first) | plain_names(model, second)

    decoder = around(model__decoder_embed__weight=(8, WIDTH), model__mask_token=(1, 1, 8), model__decoder_pos_embed=(1, 17, 8))
    sizes = (SIZE, 24, 8)
    return {
        "dino": Case(
            lambda: DinoVit(img_size=[SIZE], mlp_ratio=4, qkv_bias=True, norm_layer=NORM, **VIT),
            token,
            with_teacher,
            sizes,
            more=around(teacher__head__mlp__0__weight=(8, WIDTH), optimizer__state__0__exp_avg=(3,)),
        ),
        "dinov2": Case(dinov2_vit(0), token, plain_names, sizes),
        "dinov2-registers": Case(dinov2_vit(4), token, plain_names, sizes),
        "dinov2-giant-in-chunks": Case(
            dinov2_vit(0, "swiglufused", 2),
            token,
            lambda model: plain_names(model, "teacher.backbone."),
            more=around(teacher__dino_head__mlp__0__weight=(8, WIDTH)),
        ),
        "mae": Case(mae_vit, lambda model, x: model.forward_features(x), lambda model: plain_names(model, "model."), more=decoder),
        # Its own resampling takes the first position for a class token's, and fails.
        "i-jepa": Case(
            lambda: IJepaVit(img_size=[SIZE], mlp_ratio=4, qkv_bias=True, norm_layer=NORM, **VIT),
            lambda model, x: model(x).mean(1),
            twice("encoder.module.", "target_encoder.module."),
            more=around(predictor__module__predictor_embed__weight=(8, WIDTH)),
        ),
        "moco-v3": Case(
            moco_vit,
            token,
            twice("state_dict.module.base_encoder.", "state_dict.module.momentum_encoder."),
            more=around(state_dict__module__base_encoder__head__0__weight=(8, WIDTH)),
        ),
    }


cases = timm_cases() | torchvision_cases() | hugging_face_cases() | authors_cases(*sys.argv[1:])
arrays, metadata = {}, {}
for name, case in cases.items():
    exact = case.reference(name, torch.float64)
    arrays |= exact
    about = {"tensors": case.tensors(), "config": case.config, "sizes": list(case.sizes)}
    error = float32_error(exact, case.reference(name, torch.float32))
    metadata |= {name: json.dumps(about, separators=(",", ":")), f"{name}.float32_error": f"{error:.1e}"}
    print(name, error)
metadata["cases"] = json.dumps(list(cases))
libraries = ("torch", "torchvision", "timm", "transformers", "numpy", "safetensors")
write("imports", arrays, libraries=libraries, **metadata)

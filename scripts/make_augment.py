"""torchvision's tensor operations (transforms.v2.functional) on three small pictures, given as uint8 / 255.

Computed in float64, except hue, which torchvision computes in float32. Bicubic results are not clamped:
torchvision clamps bytes, not floats. No colour of the pictures lies on a threshold of `solarize`.
"""

import json

import numpy as np
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as T

from afterimage_fixtures import uniform, write

SIZES = {"landscape": (24, 32), "square": (40, 40), "portrait": (32, 24)}
BOXES = {  # top, left, height, width, out height, out width
    "landscape": [(0, 0, 24, 32, 16, 16), (5, 7, 9, 11, 20, 20), (3, 12, 20, 20, 20, 20), (0, 0, 24, 32, 7, 5)],
    "square": [(0, 0, 40, 40, 16, 16), (11, 2, 29, 38, 24, 24), (30, 31, 5, 4, 16, 16), (8, 8, 20, 12, 15, 17)],
    "portrait": [(0, 0, 32, 24, 24, 24), (6, 1, 25, 22, 8, 8), (16, 9, 13, 15, 16, 16)],
}
FACTORS = {
    "brightness": (0.2, 0.7, 1.4, 1.8),
    "contrast": (0.2, 0.7, 1.4, 1.8),
    "saturation": (0.0, 0.6, 1.4, 1.8),
    "hue": (-0.5, -0.2, -0.05, 0.1, 0.3),
}
BLURS = ((3, 0.1), (3, 0.8), (5, 1.0), (9, 2.0), (23, 1.5))  # kernel, sigma; the borders are reflected
THRESHOLDS = (0.25, 0.5, 0.75)
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
JITTERS = [  # ColorJitter with given values, applied in the order of the keys
    {"brightness": 1.3, "contrast": 0.7, "saturation": 1.5, "hue": 0.1},
    {"hue": -0.15, "saturation": 0.5, "contrast": 1.4, "brightness": 0.6},
    {"saturation": 1.7, "hue": 0.05, "brightness": 1.7, "contrast": 1.6},
]
PIPELINE = {
    "box": [4, 3, 19, 17, 20, 20],
    "flip": True,
    "jitter": {"saturation": 0.6, "brightness": 1.2, "contrast": 0.8},
    "kernel": 3,
    "sigma": 0.9,
    "threshold": 0.5,
}


def picture(name: str) -> torch.Tensor:
    """uint8 [3, H, W]: waves and noise, with patches of grey, black, white and pure colours."""
    height, width = SIZES[name]
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 5 + c) * np.cos(y / (4 + c)) for c in range(3)]
    values = np.stack(waves) * 90 + 128 + uniform(f"picture.{name}", (3, height, width), 35)
    image = np.clip(values, 0, 255).astype(np.uint8)
    patches = [(128, 128, 128), (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    for i, colour in enumerate(patches):
        image[:, 3 * i : 3 * i + 3, 4 : 4 + 3] = np.array(colour).reshape(3, 1, 1)
    return torch.from_numpy(image)


def jitter(image, settings):
    for name, factor in settings.items():
        image = adjust(name, image, factor)
    return image


def adjust(name, image, factor):
    return getattr(T, f"adjust_{name}")(image, factor)


def crop(image, box, mode):
    return T.resized_crop(image, *box[:4], size=list(box[4:]), interpolation=mode, antialias=True)


def pipeline(image):
    """The whole pipeline: crop, flip, jitter (without hue, the least exact), blur, solarise, normalise."""
    p = PIPELINE
    image = T.horizontal_flip(crop(image, p["box"], InterpolationMode.BILINEAR))
    image = T.gaussian_blur(jitter(image, p["jitter"]), [p["kernel"]] * 2, [p["sigma"]] * 2)
    assert (image - p["threshold"]).abs().min() > 1e-5
    return T.normalize(T.solarize(image, p["threshold"]), MEAN, DEVIATION)


arrays = {}
for name in SIZES:
    arrays[f"picture/{name}"] = picture(name)
    image = picture(name).double() / 255
    arrays[f"resized_crop/{name}/boxes"] = np.array(BOXES[name], dtype=np.int64)
    for i, box in enumerate(BOXES[name]):
        for mode in (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC):
            arrays[f"resized_crop/{name}/{i}/{mode.value}"] = crop(image, box, mode)
    arrays[f"pipeline/{name}"] = pipeline(image)
    if name == "portrait":
        continue
    arrays[f"hflip/{name}"] = T.horizontal_flip(image)
    arrays[f"grayscale/{name}"] = T.rgb_to_grayscale(image, num_output_channels=3)
    arrays[f"normalize/{name}"] = T.normalize(image, MEAN, DEVIATION)
    for operation, factors in FACTORS.items():
        arrays |= {f"{operation}/{name}/{factor:g}": adjust(operation, image, factor) for factor in factors}
    arrays |= {f"blur/{name}/k{k}_s{s:g}": T.gaussian_blur(image, [k, k], [s, s]) for k, s in BLURS}
    arrays |= {f"solarize/{name}/{t:g}": T.solarize(image, t) for t in THRESHOLDS}
    arrays |= {f"jitter/{name}/{i}": jitter(image, settings) for i, settings in enumerate(JITTERS)}

write(
    "augment",
    arrays,
    factors=json.dumps(FACTORS),
    blurs=json.dumps(BLURS),
    thresholds=json.dumps(THRESHOLDS),
    jitters=json.dumps(JITTERS),
    pipeline=json.dumps(PIPELINE),
    normalize=json.dumps({"mean": MEAN, "deviation": DEVIATION}),
)

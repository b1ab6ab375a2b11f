"""Colours in L*a*b* and Y'CbCr by scikit-image: a grid over the RGB cube, its corners included, and random
colours.
"""

import itertools

import numpy as np
import skimage
from skimage import color

from afterimage_fixtures import uniform, write

STEPS = (0, 1, 9, 10, 11, 40, 64, 128, 200, 254, 255)
cube = np.array(list(itertools.product(STEPS, repeat=3)), dtype=np.float64) / 255
rgb = np.concatenate([cube, (uniform("colour_spaces", (213, 3), 1) + 1) / 2]).astype(np.float32)  # [1544, 3]

write(
    "colour-spaces",
    {
        "rgb": rgb,
        "lab": color.rgb2lab(rgb.astype(np.float64)),
        "ycbcr": color.rgb2ycbcr(rgb.astype(np.float64)),
    },
    scikit_image=skimage.__version__,
)

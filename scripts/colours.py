"""L*a*b* and Y'CbCr in PyTorch, with the constants of scikit-image 0.26.

Each result is compared with scikit-image's if that is installed.
"""

import numpy as np
import torch

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
#: The mean and standard deviation of each channel, from train_CMC.py of HobbitLong/CMC.
CMC = {
    "lab": ([50, (98.233 - 86.183) / 2, (94.478 - 107.857) / 2], [50, (86.183 + 98.233) / 2, (107.857 + 94.478) / 2]),
    "ycbcr": ([116.151, 121.080, 132.342], [109.500, 111.855, 111.964]),
}
XYZ_OF_RGB = [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
WHITE = [0.95047, 1.0, 1.08883]
YCBCR_OF_RGB = [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]


def per_channel(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).reshape(3, 1, 1)


def mixed(x: torch.Tensor, matrix) -> torch.Tensor:
    return torch.einsum("oc,bchw->bohw", torch.tensor(matrix, dtype=torch.float64), x)


def lab(rgb: torch.Tensor) -> torch.Tensor:
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = mixed(linear, XYZ_OF_RGB) / per_channel(WHITE)
    x, y, z = torch.where(xyz > 0.008856, xyz.clamp(min=1e-9) ** (1 / 3), 7.787 * xyz + 16 / 116).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def ycbcr(rgb: torch.Tensor) -> torch.Tensor:
    return mixed(rgb, YCBCR_OF_RGB) + per_channel([16, 128, 128])


SPACES = {"lab": lab, "ycbcr": ycbcr}


def in_space(rgb: torch.Tensor, space: str) -> torch.Tensor:
    """Converts [B, 3, H, W] in [0, 1] to the space's own units."""
    value = SPACES[space](rgb)
    hold_to_scikit_image(rgb, space, value)
    return value


def hold_to_scikit_image(rgb, space, value) -> None:
    try:
        from skimage import color
    except ImportError:
        return
    theirs = getattr(color, f"rgb2{space}")(rgb.movedim(1, -1).numpy())
    np.testing.assert_allclose(value.movedim(1, -1).numpy(), theirs, rtol=1e-9, atol=1e-9)


def normalized_view(pictures: torch.Tensor, space: str) -> torch.Tensor:
    """Converts pictures normalised with ImageNet's statistics to channels normalised with CMC's."""
    mean, std = IMAGENET
    rgb = (pictures * per_channel(std) + per_channel(mean)).clamp(0, 1)
    mean, std = CMC[space]
    return (in_space(rgb, space) - per_channel(mean)) / per_channel(std)

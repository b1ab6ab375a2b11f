"""torchvision's ResNet-50 with its last two stages dilated instead of strided: the last map of a picture in evaluation.

Weights are the hash of their names, but a quarter of it in the last norm of each block, as in make_resnet.py; pictures are
`dilated.input`. Computed in float64. torchvision has no dilated ResNet-18.
"""

import torch
from torchvision.models import resnet50

from afterimage_fixtures import fill, probe, tensor, write

SHAPE = (1, 3, 40, 33)

arrays = {}
for stride, replaced in ((16, [False, False, True]), (8, [False, True, True])):
    model = resnet50(replace_stride_with_dilation=replaced)
    model.avgpool, model.fc = torch.nn.Identity(), torch.nn.Identity()
    fill(model).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("bn3.weight"):
                p /= 4
        last = model(tensor("dilated.input", SHAPE))
    arrays[f"stride{stride}/map"] = probe(last)
    arrays[f"stride{stride}/size"] = torch.tensor([last.shape[1] // 2048])
write("dilated-resnet", arrays, libraries=("torch", "torchvision", "numpy", "safetensors"), shape=str(list(SHAPE)))

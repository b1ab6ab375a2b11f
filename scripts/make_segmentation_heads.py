"""Segmentation heads: torchvision's FCNHead and DeepLabHead, and the decoder and head of segmentation_models.pytorch's
U-Net: logits at the size of the maps, gradients of sum(logits * R), running statistics.

Weights are the hash of their names, maps of `<case>.map<i>`, R of `<case>.R`. Maps are float32 of either sign. Dropout is
off. A ReLU's corner is kept clear by the bias of the norm before it (`relu_clearance` in the metadata).
"""

import json

import torch
from segmentation_models_pytorch.base import SegmentationHead
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
from torchvision.models.segmentation.deeplabv3 import DeepLabHead
from torchvision.models.segmentation.fcn import FCNHead

from afterimage_fixtures import fill, probe, probe_gradients, tensor, write


class Unet(torch.nn.Module):
    def __init__(self, channels, decoder_channels, classes):
        super().__init__()
        self.decoder = UnetDecoder(encoder_channels=(3, *channels), decoder_channels=decoder_channels, n_blocks=5)
        self.segmentation_head = SegmentationHead(decoder_channels[-1], classes, kernel_size=3)

    def forward(self, *maps):
        return self.segmentation_head(self.decoder([torch.zeros(2, 3, 32, 64), *maps]))


CASES = {  # module, maps from the largest on, options
    "fcn": (lambda: FCNHead(24, 4), [(2, 24, 5, 7)], {"classes": 4}),
    "deeplab": (lambda: DeepLabHead(16, 3, (2, 3, 4)), [(3, 16, 9, 8)], {"classes": 3, "rates": [2, 3, 4]}),
    "unet": (
        lambda: Unet((4, 5, 6, 8, 10), (12, 8, 6, 5, 4), 3),
        [(2, 4, 16, 32), (2, 5, 8, 16), (2, 6, 4, 8), (2, 8, 2, 4), (2, 10, 1, 2)],
        {"classes": 3, "channels": [12, 8, 6, 5, 4]},
    ),
}

arrays, metadata = {}, {}
for case, (build, shapes, options) in CASES.items():
    module = fill(build()).train()
    for part in module.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    clearance = []
    for part in module.modules():
        if isinstance(part, torch.nn.ReLU):
            part.register_forward_pre_hook(lambda _m, args: clearance.append(args[0].abs().min().item()))
    maps = [tensor(f"{case}.map{i}", shape).requires_grad_() for i, shape in enumerate(shapes)]
    logits = module(*maps)
    (logits * tensor(f"{case}.R", tuple(logits.shape))).sum().backward()
    arrays |= {f"{case}/logits": logits} | probe_gradients(case, module)
    arrays |= {f"{case}/grad/map{i}": probe(m.grad) for i, m in enumerate(maps)}
    arrays |= {f"{case}/next/{name}": probe(b) for name, b in module.named_buffers() if b.is_floating_point()}
    metadata[case] = {"maps": shapes, "options": options, "relu_clearance": min(clearance)}
    print(case, min(clearance))
write(
    "segmentation-heads",
    arrays,
    libraries=("torch", "torchvision", "segmentation_models_pytorch", "numpy", "safetensors"),
    **{case: json.dumps(entry) for case, entry in metadata.items()},
)

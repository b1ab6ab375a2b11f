import type { Naming } from "../naming.ts";

/** torchvision's ResNets and timm's, whose names are ours; also those of most authors. */
export const torchvisionResnet: Naming = {
  whose: "torchvision",
  network: "resnet",
  anchor: "layer1.0.conv1.weight",
  same: ["conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4."],
  rules: [],
  leftOut: [
    ["*num_batches_tracked", "counts of batches"],
    ["fc.*", "a head"],
    ["head.*", "a head"],
    ["projection_head.*", "a head"],
    ["prototypes.*", "prototypes"],
  ],
};

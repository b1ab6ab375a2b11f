import type { Naming } from "../naming.ts";
import { torchvisionResnet } from "./torchvision-resnet.ts";

/**
 * A ResNet of torchvision as a sequence without its head, which is how lightly's examples make a backbone.
 */
export const numberedResnet: Naming = {
  ...torchvisionResnet,
  whose: "lightly",
  anchor: "4.0.conv1.weight",
  rewrite: [
    [/^0\./, "conv1."],
    [/^1\./, "bn1."],
    [/^4\./, "layer1."],
    [/^5\./, "layer2."],
    [/^6\./, "layer3."],
    [/^7\./, "layer4."],
  ],
};

import type { Naming } from "../naming.ts";

/** Hugging Face's `resnet`. */
export const huggingFaceResnet: Naming = {
  whose: "Hugging Face",
  network: "resnet",
  anchor: "embedder.embedder.convolution.weight",
  rewrite: [
    [/^encoder\.stages\.0\.layers\./, "layer1."],
    [/^encoder\.stages\.1\.layers\./, "layer2."],
    [/^encoder\.stages\.2\.layers\./, "layer3."],
    [/^encoder\.stages\.3\.layers\./, "layer4."],
  ],
  rules: [
    ["embedder.embedder.convolution.{p}", "conv1.{p}"],
    ["embedder.embedder.normalization.{p}", "bn1.{p}"],
    ["layer{i}.{j}.layer.0.convolution.{p}", "layer{i}.{j}.conv1.{p}"],
    ["layer{i}.{j}.layer.0.normalization.{p}", "layer{i}.{j}.bn1.{p}"],
    ["layer{i}.{j}.layer.1.convolution.{p}", "layer{i}.{j}.conv2.{p}"],
    ["layer{i}.{j}.layer.1.normalization.{p}", "layer{i}.{j}.bn2.{p}"],
    ["layer{i}.{j}.layer.2.convolution.{p}", "layer{i}.{j}.conv3.{p}"],
    ["layer{i}.{j}.layer.2.normalization.{p}", "layer{i}.{j}.bn3.{p}"],
    ["layer{i}.{j}.shortcut.convolution.{p}", "layer{i}.{j}.downsample.0.{p}"],
    ["layer{i}.{j}.shortcut.normalization.{p}", "layer{i}.{j}.downsample.1.{p}"],
  ],
  leftOut: [
    ["*num_batches_tracked", "counts of batches"],
    ["classifier.*", "a head"],
  ],
};

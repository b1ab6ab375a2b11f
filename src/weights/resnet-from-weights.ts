/** The settings of a ResNet, read off its tensors. */
import { type ResNetSettings, resnet } from "../backbones/index.ts";
import { resnetSettings } from "../backbones/resnet-settings.ts";
import { AfterimageError } from "../errors.ts";
import type { FittedNetwork, NetworkRequest } from "./network-request.ts";
import type { OurTensor } from "./renamed-tensors.ts";
import { requireSameConfig } from "./require-same-config.ts";

const IMAGENET_SIZE = 224;
const CIFAR_SIZE = 32;

/** Depths by the blocks of the four stages, and whether a block is a bottleneck. */
const DEPTHS: Readonly<Record<string, ResNetSettings["depth"]>> = {
  "2,2,2,2 basic": 18,
  "3,4,6,3 basic": 34,
  "3,4,6,3 bottleneck": 50,
  "3,4,23,3 bottleneck": 101,
  "3,8,36,3 bottleneck": 152,
};

/**
 * @throws AfterimageError `weights/unknown` or `weights/misfit` for tensors that are those of no ResNet here.
 */
export function resnetFromWeights(request: NetworkRequest): FittedNetwork {
  const { tensors, where } = request;
  const blocks = [1, 2, 3, 4].map((stage) => blocksOf(tensors, stage));
  const kind = tensors.has("layer1.0.conv3.weight") ? "bottleneck" : "basic";
  const depth = DEPTHS[`${blocks} ${kind}`];
  if (depth === undefined) throw unknownResnet(where, Object.keys(DEPTHS).join("; "), `${blocks} ${kind}`);
  const [width, , kernel] = stemOf(tensors, where);
  const stem = kernel === 3 ? "cifar" : "imagenet";
  requireSameConfig(request, {
    depths: blocks,
    layer_type: kind,
    embedding_size: width,
    hidden_sizes: [1, 2, 4, 8].map((times) => times * width * (kind === "basic" ? 1 : 4)),
    downsample_in_first_stage: false,
    downsample_in_bottleneck: false,
  });
  const narrow = width === 64 ? "" : ` of ${width} channels at first`;
  const issue = resnetSettings.safeParse({ depth, width, stem }).error?.issues[0];
  if (issue !== undefined) throw unknownResnet(where, `another ${issue.path.join(".")}`, issue.message);
  return {
    tensors,
    backbone: resnet({ depth, width, stem }),
    network: `ResNet-${depth}${narrow}${stem === "cifar" ? " with the CIFAR stem" : ""}`,
    imageSize: stem === "cifar" ? CIFAR_SIZE : IMAGENET_SIZE,
  };
}

function blocksOf(tensors: ReadonlyMap<string, OurTensor>, stage: number): number {
  const found = [...tensors.keys()].map((name) => /^layer(\d)\.(\d{1,4})\./.exec(name));
  const blocks = found.filter((match) => match?.[1] === `${stage}`).map((match) => Number(match![2]));
  return Math.max(-1, ...blocks) + 1;
}

function stemOf(tensors: ReadonlyMap<string, OurTensor>, where: string): [number, number, number] {
  const shape = tensors.get("conv1.weight")?.shape;
  const kernel = shape?.[2];
  if (shape?.length === 4 && (kernel === 7 || kernel === 3)) return [shape[0]!, shape[1]!, kernel];
  throw unknownResnet(
    where,
    "a first convolution of 7 × 7 or 3 × 3",
    shape === undefined ? "none" : `[${shape}]`,
  );
}

function unknownResnet(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("weights/unknown", {
    what: "this ResNet is of a kind that is not known here",
    ...{ where, expected, got },
  });
}

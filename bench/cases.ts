/**
 * The training steps that are timed. A step is: forward, mean cross-entropy of `classes` logits, backward,
 * and `velocity ← momentum·velocity + gradient; parameter ← parameter − learningRate·velocity` for every
 * parameter. The record travels to the peers as JSON, so they need no table of their own.
 */

/** ResNet-18 with the CIFAR stem: one 3×3 convolution, no pooling; batch norm in training mode (ε 1e-5). */
export interface ResNetSpec {
  kind: "resnet18-cifar";
}

/**
 * Pre-norm ViT: class token, learned position embedding, qkv with bias, exact GELU, MLP four times as wide,
 * layer norm with ε 1e-6, final norm, the class token to the linear head.
 */
export interface VitSpec {
  kind: "vit";
  patch: number;
  width: number;
  depth: number;
  heads: number;
}

export interface BenchCase {
  name: string;
  network: ResNetSpec | VitSpec;
  imageSize: number;
  batch: number;
  classes: number;
  learningRate: number;
  momentum: number;
}

const TRAINING = { classes: 10, learningRate: 0.01, momentum: 0.9 };
const TINY_4: VitSpec = { kind: "vit", patch: 4, width: 192, depth: 12, heads: 3 };
const SMALL_16: VitSpec = { kind: "vit", patch: 16, width: 384, depth: 12, heads: 6 };
const RESNET: ResNetSpec = { kind: "resnet18-cifar" };

export const CASES: readonly BenchCase[] = [
  { name: "resnet18-cifar", network: RESNET, imageSize: 32, batch: 64, ...TRAINING },
  { name: "resnet18-cifar-256", network: RESNET, imageSize: 32, batch: 256, ...TRAINING },
  { name: "vit-tiny-patch4", network: TINY_4, imageSize: 32, batch: 64, ...TRAINING },
  { name: "vit-small-patch16", network: SMALL_16, imageSize: 96, batch: 64, ...TRAINING },
];

/** Multiply-adds of one picture's forward pass, only of convolutions, linear layers and attention. */
export function forwardMacs(benchCase: BenchCase): number {
  const { network, imageSize, classes } = benchCase;
  return network.kind === "vit" ? vitMacs(network, imageSize, classes) : resNetMacs(imageSize, classes);
}

/**
 * Nominal operations of a whole step on one picture: two per multiply-add, and twice the forward pass for the
 * backward pass.
 */
export function stepFlops(benchCase: BenchCase): number {
  return 6 * forwardMacs(benchCase);
}

function vitMacs({ patch, width, depth }: VitSpec, imageSize: number, classes: number): number {
  const patches = (imageSize / patch) ** 2;
  const tokens = patches + 1;
  const block = tokens * width * 12 * width + 2 * tokens * tokens * width;
  return patches * 3 * patch * patch * width + depth * block + width * classes;
}

function resNetMacs(imageSize: number, classes: number): number {
  let macs = 9 * 3 * 64 * imageSize ** 2;
  let inputs = 64;
  for (const [stage, outputs] of [64, 128, 256, 512].entries()) {
    const area = (imageSize / 2 ** stage) ** 2;
    const shortcut = inputs === outputs ? 0 : inputs * outputs;
    macs += area * (9 * inputs * outputs + 3 * 9 * outputs * outputs + shortcut);
    inputs = outputs;
  }
  return macs + inputs * classes;
}

import * as tf from "@tensorflow/tfjs";
import { batchNorm, convolve, linear, type Parameters } from "./layers.ts";

/** ResNet-18 with the CIFAR stem, `[B, S, S, 3]` to logits; running statistics are left out. */
export function resNet18(p: Parameters, classes: number, images: tf.Tensor4D): tf.Tensor2D {
  let x = tf.relu(batchNorm(p, "bn1", convolve(p, "conv1", images, 64, 3, 1)));
  for (const [stage, channels] of [64, 128, 256, 512].entries()) {
    for (const block of [0, 1]) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = basicBlock(p, `layer${stage + 1}.${block}`, x, channels, stride);
    }
  }
  return linear(p, "fc", tf.mean(x, [1, 2]), classes);
}

function basicBlock(
  p: Parameters,
  name: string,
  x: tf.Tensor4D,
  channels: number,
  stride: number,
): tf.Tensor4D {
  const y = tf.relu(batchNorm(p, `${name}.bn1`, convolve(p, `${name}.conv1`, x, channels, 3, stride)));
  const z = batchNorm(p, `${name}.bn2`, convolve(p, `${name}.conv2`, y, channels, 3, 1));
  return tf.relu(tf.add(z, stride === 1 ? x : downsample(p, `${name}.downsample`, x, channels, stride)));
}

function downsample(
  p: Parameters,
  name: string,
  x: tf.Tensor4D,
  channels: number,
  stride: number,
): tf.Tensor4D {
  return batchNorm(p, `${name}.1`, convolve(p, `${name}.0`, x, channels, 1, stride));
}

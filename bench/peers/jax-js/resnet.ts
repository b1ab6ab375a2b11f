import { nn, numpy as np } from "@jax-js/jax";
import type { Form } from "./form.ts";
import { batchNorm, linear, type Parameters } from "./layers.ts";

const STAGES = [64, 128, 256, 512];

/** ResNet-18 with the CIFAR stem, `[B, 3, S, S]` to logits; running statistics are left out. */
export function resNet18(p: Parameters, form: Form, images: np.Array): np.Array {
  const pictures = form.channelAxis === 1 ? images : np.transpose(images, [0, 2, 3, 1]);
  let x = nn.relu(convolveAndNorm(p, form, "conv1", "bn1", pictures, 1));
  for (const stage of STAGES.keys()) {
    for (const block of [0, 1])
      x = basicBlock(p, form, `layer${stage + 1}.${block}`, x, stage > 0 && block === 0 ? 2 : 1);
  }
  return linear(p, "fc", np.mean(x, form.channelAxis === 1 ? [2, 3] : [1, 2]));
}

function basicBlock(p: Parameters, form: Form, name: string, x: np.Array, stride: number): np.Array {
  const y = nn.relu(convolveAndNorm(p, form, `${name}.conv1`, `${name}.bn1`, x.ref, stride));
  const z = convolveAndNorm(p, form, `${name}.conv2`, `${name}.bn2`, y, 1);
  const short = `${name}.downsample`;
  return nn.relu(z.add(stride === 1 ? x : convolveAndNorm(p, form, `${short}.0`, `${short}.1`, x, stride)));
}

function convolveAndNorm(
  p: Parameters,
  form: Form,
  convolution: string,
  norm: string,
  x: np.Array,
  stride: number,
): np.Array {
  const y = form.convolve(x, p[`${convolution}.weight`]!, stride);
  return batchNorm(p, norm, y, form.channelAxis);
}

/** The names and shapes of its parameters. */
export function resNet18Shapes(classes: number): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const filter = (convolution: string, norm: string, outputs: number, inputs: number, size: number) => {
    shapes.set(`${convolution}.weight`, [outputs, inputs, size, size]);
    shapes.set(`${norm}.weight`, [outputs]);
    shapes.set(`${norm}.bias`, [outputs]);
  };
  filter("conv1", "bn1", 64, 3, 3);
  for (const [stage, outputs] of STAGES.entries()) {
    for (const block of [0, 1]) {
      const name = `layer${stage + 1}.${block}`;
      const inputs = block === 0 ? STAGES[Math.max(0, stage - 1)]! : outputs;
      filter(`${name}.conv1`, `${name}.bn1`, outputs, inputs, 3);
      filter(`${name}.conv2`, `${name}.bn2`, outputs, outputs, 3);
      if (inputs !== outputs) filter(`${name}.downsample.0`, `${name}.downsample.1`, outputs, inputs, 1);
    }
  }
  return shapes.set("fc.weight", [classes, 512]).set("fc.bias", [classes]);
}
